package dev.agentops.cost;

import org.jspecify.annotations.Nullable;

/**
 * Shows text that comes from outside, such as the name of a model, in one line of a message or a
 * log: what would break the line, or could pass for another, is escaped, and the rest of a long one
 * is left out.
 */
final class PrintedText {

  /** Longer than any name of a model that is known. */
  private static final int LONGEST = 200;

  private PrintedText() {}

  /** The text in single quotes. */
  static String quoted(@Nullable String text) {
    return "'" + plain(text) + "'";
  }

  /** The text, at most {@value #LONGEST} characters before they are escaped. */
  static String plain(@Nullable String text) {
    String all = String.valueOf(text);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < Math.min(all.length(), LONGEST); i++) {
      char character = all.charAt(i);
      if (printable(character)) {
        shown.append(character);
      } else {
        shown.append(String.format("\\u%04x", (int) character));
      }
    }
    return all.length() > LONGEST ? shown.append("...").toString() : shown.toString();
  }

  private static boolean printable(char character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
