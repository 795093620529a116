package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a tracer keeps of what it is given: how much of it, how long, and how clean. */
final class ContentPolicy {

  private static final int BYTES_OF_LONG_TEXT = 2;
  private static final int REDACTED_BEFORE_CUT = 4;

  private final ContentCapture capture;
  private final Attributes attributes;
  private final int maximumValueLength;
  private final int longestWritten;
  private final Cleaner cleaner;

  ContentPolicy(TracerBuilder from) {
    capture = from.contentCapture;
    attributes = from.attributes;
    maximumValueLength = from.maximumValueLength;
    // a secret at a cut is not found: where redaction follows, cut far behind
    longestWritten =
        from.redactor == null
            ? maximumValueLength
            : (int) Math.min(Integer.MAX_VALUE, REDACTED_BEFORE_CUT * (long) maximumValueLength);
    cleaner = new Cleaner(from.redactor, maximumValueLength);
  }

  ContentCapture capture() {
    return capture;
  }

  /** What to keep of an object that the caller notes. */
  @Nullable Object captured(@Nullable Object content) {
    if (capture != ContentCapture.FULL) {
      return null;
    }
    return Bounded.of(content, longestWritten);
  }

  /** As much of a text as may be kept; all of it where it is cut after it was redacted. */
  String bounded(String text) {
    return text.length() <= longestWritten ? text : JsonTruncation.cut(text, longestWritten);
  }

  Attributes bounded(Attributes values) {
    return Bounded.of(values, longestWritten);
  }

  Map<String, Object> boundedMap(Map<String, ?> values) {
    return Bounded.copyOf(values, longestWritten);
  }

  @Nullable Object boundedList(List<String> values) {
    return Bounded.of(values, longestWritten);
  }

  /** With the attributes that every span of this tracer has; those of the scopes win. */
  Attributes everywhere(Attributes ofScopes) {
    return attributes.with(ofScopes);
  }

  /** A text that holds on to large objects is written at once, and cut. */
  Object bounded(LazyText text) {
    return text.estimatedBytes() <= BYTES_OF_LONG_TEXT * (long) maximumValueLength
        ? text
        : text.text();
  }

  /** How much to write of one value. */
  int longestWritten() {
    return longestWritten;
  }

  /** The span as it may be seen outside. */
  Span cleaned(Span span) {
    return cleaner.clean(span);
  }

  /** The score as it may be seen outside. */
  Score cleaned(Score score) {
    return cleaner.clean(score);
  }
}
