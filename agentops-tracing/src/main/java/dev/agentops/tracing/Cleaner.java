package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans fit to be stored and sent: first without what is private, then without what is too
 * long, since a secret that is cut in two is not found.
 */
final class Cleaner {

  private final @Nullable Redactor redactor;
  private final int longest;

  Cleaner(@Nullable Redactor redactor, int longest) {
    this.redactor = redactor;
    this.longest = longest;
  }

  /** Where nothing is redacted, texts were cut when they came. */
  Span clean(Span span) {
    return redactor == null ? span : cut(redactor.redact(span));
  }

  Score clean(Score score) {
    return redactor == null ? score : redactor.redact(score);
  }

  private Span cut(Span span) {
    Span.Builder builder = span.toBuilder();
    boolean changed = isTooLong(span.input()) || isTooLong(span.output());
    builder.input(cut(span.input())).output(cut(span.output()));
    for (Map.Entry<String, Object> attribute : span.attributes().asMap().entrySet()) {
      if (isTooLong(attribute.getValue())) {
        changed = true;
        builder.attributes(Attributes.of(attribute.getKey(), cut(attribute.getValue())));
      }
    }
    Map<String, Object> metadata = new LinkedHashMap<>(span.metadata());
    if (metadata.values().stream().anyMatch(this::isTooLong)) {
      changed = true;
      metadata.replaceAll((key, value) -> cut(value));
      builder.metadata(metadata);
    }
    return changed ? builder.build() : span;
  }

  private boolean isTooLong(@Nullable Object value) {
    return value instanceof String text && text.length() > longest;
  }

  @SuppressWarnings("NullAway") // null stays null
  private Object cut(@Nullable Object value) {
    return value instanceof String text && text.length() > longest
        ? JsonTruncation.cut(text, longest)
        : value;
  }
}
