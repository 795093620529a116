package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Copies one JSON text, token by token, and cleans its names, strings and numbers on the way, so
 * that what comes out is JSON again. Not thread-safe.
 */
final class JsonRedactor {

  private static final int MAXIMUM_DEPTH = 10_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAXIMUM_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAXIMUM_DEPTH).build())
          .build();

  private final ValueRedactor values;
  private final Deque<Frame> frames = new ArrayDeque<>();
  private boolean changed;

  JsonRedactor(ValueRedactor values) {
    this.values = values;
  }

  /** An object or array that is open. */
  private static final class Frame {

    private final Place place;
    private String field = "";
    private String label = "";
    private int index;
    private int redactedNames;

    Frame(Place place) {
      this.place = place;
    }
  }

  static boolean mayBeJson(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > ' ') {
        return c == '{' || c == '[' || c == '"';
      }
    }
    return false;
  }

  /**
   * The clean text; the same where nothing was to be cleaned; null where it is not JSON.
   *
   * @throws IOException if it is JSON, or may be, but cannot be read to its end
   */
  @Nullable String clean(String text, Place root) throws IOException {
    StringWriter written = new StringWriter();
    try (JsonParser parser = JSON.createParser(text);
        JsonGenerator generator = JSON.createGenerator(written)) {
      boolean complete = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (complete) {
          return null; // more than one document, or prose after one
        }
        copy(token, parser, generator, root);
        complete = frames.isEmpty();
      }
      if (!complete) {
        return null;
      }
    } catch (StreamConstraintsException e) {
      throw e;
    } catch (JsonProcessingException e) {
      return null;
    }
    return changed ? written.toString() : text;
  }

  private void copy(JsonToken token, JsonParser parser, JsonGenerator generator, Place root)
      throws IOException {
    if (token == JsonToken.FIELD_NAME) {
      copyName(parser.currentName(), generator);
    } else if (token.isStructEnd()) {
      generator.copyCurrentEvent(parser);
      frames.pop();
    } else {
      Frame frame = frames.peek();
      Place place = frame == null ? root : placeIn(frame, token);
      if (place.isEndOf(values.paths()) && token != JsonToken.VALUE_NULL) {
        changed = true;
        generator.writeString(values.atPath(textOf(token, parser)));
      } else {
        copyValue(token, parser, generator, place);
      }
    }
  }

  private Place placeIn(Frame frame, JsonToken token) {
    // in an array, the field is that of the array itself
    return frame.field.isEmpty() && frame.index >= 0
        ? frame.place.element(values.paths(), frame.index++)
        : frame.place.field(values.paths(), frame.field).labelled(frame.label);
  }

  private void copyName(String name, JsonGenerator generator) throws IOException {
    Frame frame = frames.element();
    frame.field = name;
    frame.index = -1;
    String cleaned = values.name(name);
    if (!cleaned.equals(name)) {
      changed = true;
      frame.redactedNames++;
      cleaned = frame.redactedNames == 1 ? cleaned : cleaned + '#' + frame.redactedNames;
    }
    generator.writeFieldName(cleaned);
  }

  private void copyValue(JsonToken token, JsonParser parser, JsonGenerator generator, Place place)
      throws IOException {
    switch (token) {
      case START_OBJECT -> {
        frames.push(new Frame(place.ofObject()));
        generator.writeStartObject();
      }
      case START_ARRAY -> {
        frames.push(new Frame(place));
        generator.writeStartArray();
      }
      case VALUE_STRING -> {
        String text = parser.getText();
        if (Place.isLabel(place.name()) && !frames.isEmpty()) {
          frames.element().label = text;
        }
        String cleaned = values.text(text, place);
        changed |= !cleaned.equals(text);
        generator.writeString(cleaned);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        String number = parser.getText();
        String replacement = values.number(number, place);
        if (replacement == null) {
          generator.writeNumber(number);
        } else {
          changed = true;
          generator.writeString(replacement);
        }
      }
      default -> generator.copyCurrentEvent(parser);
    }
  }

  /** The current value, skipped. */
  private static String textOf(JsonToken token, JsonParser parser) throws IOException {
    if (!token.isStructStart()) {
      return parser.getText();
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.copyCurrentStructure(parser);
    }
    return text.toString();
  }
}
