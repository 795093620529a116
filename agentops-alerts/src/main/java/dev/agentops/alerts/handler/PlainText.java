package dev.agentops.alerts.handler;

import java.nio.charset.StandardCharsets;

/** Texts of alerts as one line that does no harm: an alert may quote what a model said. */
final class PlainText {

  private static final int REPLACEMENT = 0xfffd;

  private PlainText() {}

  /**
   * This text without control characters, without characters that turn the direction of others or
   * that are half of a pair, and with a space for each run of line breaks and tabs.
   */
  static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    boolean inBreak = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean isBreak = isBreak(c);
      if (isBreak && !inBreak) {
        clean.append(' ');
      } else if (Character.getType(c) == Character.SURROGATE) {
        clean.appendCodePoint(REPLACEMENT);
      } else if (!isBreak && !Character.isISOControl(c) && !turns(c)) {
        clean.appendCodePoint(c);
      }
      inBreak = isBreak;
    }
    return clean.toString();
  }

  /** As {@link #clean}, but line breaks stay. */
  static String cleanLines(String text) {
    return String.join("\n", text.lines().map(PlainText::clean).toList());
  }

  /** This text as data: whole, but for halves of pairs, which no UTF-8 can hold. */
  static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /** What somebody else's object says of itself, even if it throws. */
  static String of(Object value) {
    try {
      return clean(String.valueOf(value));
    } catch (Throwable t) {
      return "(" + t.getClass().getName() + " while reading it)";
    }
  }

  private static boolean isBreak(int c) {
    return c == '\n' || c == '\r' || c == '\t' || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  private static boolean turns(int c) {
    return c == 0x200e
        || c == 0x200f
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
