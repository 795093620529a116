package dev.agentops.tracing;

/**
 * Finds the next digit from positions that only go forward, and looks at each character once for
 * all of them. Not thread-safe.
 */
final class NextDigit {

  private final CharSequence text;
  private int found = -1;

  NextDigit(CharSequence text) {
    this.text = text;
  }

  /** Where the first digit is that is not before this; the length of the text without one. */
  int from(int position) {
    if (found < position) {
      found = position;
      while (found < text.length() && !Characters.isDigit(text.charAt(found))) {
        found++;
      }
    }
    return found;
  }
}
