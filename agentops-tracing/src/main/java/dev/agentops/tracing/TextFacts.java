package dev.agentops.tracing;

/**
 * What one look at each character tells about a text, so that a clean one is not searched by every
 * rule.
 *
 * @param digits how many ASCII digits it has
 * @param run the most of them in one number that has nothing but separators in it
 * @param at whether it has an {@code @}, as itself or as in URLs
 * @param dot whether it has a full stop
 * @param colon whether it has a colon
 * @param equals whether it has an equals sign
 */
record TextFacts(int digits, int run, boolean at, boolean dot, boolean colon, boolean equals) {

  private static final int MOST_SEPARATORS = 3;

  static TextFacts of(String text) {
    int digits = 0;
    int run = 0;
    int current = 0;
    int separators = 0;
    boolean at = false;
    boolean dot = false;
    boolean colon = false;
    boolean equals = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Characters.isDigit(c)) {
        digits++;
        run = Math.max(run, ++current);
        separators = 0;
        continue;
      }
      boolean separates = " .-()/+".indexOf(c) >= 0 && ++separators <= MOST_SEPARATORS;
      current = separates ? current : 0;
      if (c == '.') {
        dot = true;
      } else if (c == ':') {
        colon = true;
      } else if (c == '=') {
        equals = true;
      } else if (c == '@' || c == '%' && text.startsWith("40", i + 1)) {
        at = true;
      }
    }
    return new TextFacts(digits, run, at, dot, colon, equals);
  }
}
