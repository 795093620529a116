package dev.agentops.tracing;

/**
 * What one look at each character tells about a text, so that a clean one is not searched by every
 * rule.
 *
 * @param digits how many ASCII digits it has
 * @param at whether it has an {@code @}, as itself or as in URLs
 * @param dot whether it has a full stop
 * @param colon whether it has a colon
 * @param equals whether it has an equals sign
 */
record TextFacts(int digits, boolean at, boolean dot, boolean colon, boolean equals) {

  static TextFacts of(String text) {
    int digits = 0;
    boolean at = false;
    boolean dot = false;
    boolean colon = false;
    boolean equals = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > '@') {
        continue;
      }
      if (c >= '0' && c <= '9') {
        digits++;
      } else if (c == '.') {
        dot = true;
      } else if (c == ':') {
        colon = true;
      } else if (c == '=') {
        equals = true;
      } else if (c == '@' || c == '%' && text.startsWith("40", i + 1)) {
        at = true;
      }
    }
    return new TextFacts(digits, at, dot, colon, equals);
  }
}
