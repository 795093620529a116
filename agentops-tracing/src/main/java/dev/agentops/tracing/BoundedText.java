package dev.agentops.tracing;

/**
 * A text that a regular expression may look at only so often, so that one that backtracks without
 * end stops. Not thread-safe.
 */
final class BoundedText implements CharSequence {

  /** Enough for any sound expression; a bad one ends within a few milliseconds. */
  private static final long LOOKS = 1_000_000;

  private static final long LOOKS_PER_CHARACTER = 100;

  private final String text;
  private long left;

  BoundedText(String text) {
    this.text = text;
    this.left = LOOKS + LOOKS_PER_CHARACTER * text.length();
  }

  @Override
  public int length() {
    return text.length();
  }

  /**
   * The character.
   *
   * @throws IllegalStateException if it was asked for too many
   */
  @Override
  public char charAt(int index) {
    if (--left < 0) {
      throw new IllegalStateException("the pattern takes too long");
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
