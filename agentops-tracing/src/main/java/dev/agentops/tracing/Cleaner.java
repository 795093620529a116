package dev.agentops.tracing;

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
    Score clean = redactor == null ? score : redactor.redact(score);
    String comment = clean.comment().orElse("");
    String label = clean.label().orElse("");
    return comment.length() <= longest && label.length() <= longest
        ? clean
        : clean.with(cutText(label), cutText(comment));
  }

  private Span cut(Span span) {
    Span.Builder builder = span.toBuilder();
    builder.input(Bounded.of(span.input(), longest)).output(Bounded.of(span.output(), longest));
    builder.metadata(Bounded.copyOf(span.metadata(), longest));
    builder.attributes(Bounded.of(span.attributes(), longest));
    if (span.error() != null) {
      builder.error(cutText(span.error()));
    }
    return builder.build();
  }

  private String cutText(String text) {
    return text.length() <= longest ? text : JsonTruncation.cut(text, longest);
  }
}
