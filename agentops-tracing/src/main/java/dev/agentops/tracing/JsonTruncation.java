package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a text to a maximum of characters so that JSON stays JSON, and says what was cut.
 *
 * <p>The longest strings are cut first, all to the same length; where that is not enough, the end
 * of the document goes, and what nests deeper than {@value #MAXIMUM_DEPTH} levels. Reads the text
 * twice and builds no tree. Stateless.
 */
final class JsonTruncation {

  /** Below, not even the markers have room. */
  static final int SMALLEST_MAXIMUM = 128;

  static final int MAXIMUM_DEPTH = 100;

  /** Not worth cutting. */
  private static final int SHORT = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonTruncation() {}

  /**
   * The text, or at most so many characters of it.
   *
   * @throws IllegalArgumentException if the maximum is below {@value #SMALLEST_MAXIMUM}; quotes it
   */
  static String cut(String text, int maximum) {
    if (maximum < SMALLEST_MAXIMUM) {
      throw new IllegalArgumentException(
          "the maximum must be at least " + SMALLEST_MAXIMUM + " characters: " + maximum);
    }
    if (text.length() <= maximum) {
      return text;
    }
    StringLengths lengths = JsonRedactor.mayBeJson(text) ? measure(text) : null;
    if (lengths != null) {
      int limit = lengths.limit(maximum - TruncatedJson.MARKER_FIELD);
      try (JsonParser parser = JSON.createParser(text)) {
        return new TruncatedJson(text, maximum, Math.max(SHORT, limit)).copy(parser);
      } catch (IOException e) {
        throw new IllegalStateException("it was read once", e);
      }
    }
    return cutText(text, maximum);
  }

  /** So many characters with a marker after them; at a code point. */
  static String cutText(String text, int maximum) {
    if (text.length() <= maximum) {
      return text;
    }
    int end = Math.max(0, maximum - StringLengths.MARKER);
    if (end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + marker(text.length() - end);
  }

  static String marker(int cut) {
    return "…[truncated " + cut + " characters]";
  }

  /** How long the strings are and how long the rest; null where the text is not JSON. */
  private static @Nullable StringLengths measure(String text) {
    StringLengths lengths = new StringLengths();
    try (JsonParser parser = JSON.createParser(text)) {
      int depth = 0;
      boolean complete = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (complete) {
          return null; // more than one document
        }
        int start = (int) parser.currentTokenLocation().getCharOffset();
        if (token == JsonToken.VALUE_STRING) {
          lengths.add(TruncatedJson.stringEnd(text, start + 1) - start - 1);
          lengths.addOther(3); // quotes and a comma
        } else if (token == JsonToken.FIELD_NAME) {
          lengths.addOther(TruncatedJson.stringEnd(text, start + 1) - start + 2);
        } else {
          lengths.addOther(
              token.isNumeric() ? parser.getTextLength() + 1 : token.isStructEnd() ? 1 : 6);
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        complete = depth == 0;
      }
      return complete ? lengths : null;
    } catch (IOException e) {
      return null;
    }
  }
}
