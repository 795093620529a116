package dev.agentops.tracing;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One text while a rule replaces parts of it, from its beginning to its end. Not thread-safe. */
final class Replacements {

  private final String text;
  private final UnaryOperator<String> replacement;
  private @Nullable StringBuilder result;
  private int copied;

  Replacements(String text, UnaryOperator<String> replacement) {
    this.text = text;
    this.replacement = replacement;
  }

  /** Replaces this part; what an earlier one has replaced already stays as it is. */
  void replace(int from, int end) {
    int start = Math.max(from, copied);
    if (start >= end) {
      return;
    }
    if (result == null) {
      result = new StringBuilder(text.length());
    }
    result.append(text, copied, start).append(replacement.apply(text.substring(start, end)));
    copied = end;
  }

  String result() {
    return result == null ? text : result.append(text, copied, text.length()).toString();
  }
}
