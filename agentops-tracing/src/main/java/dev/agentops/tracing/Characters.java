package dev.agentops.tracing;

/** Looks at single characters of a text. */
final class Characters {

  private Characters() {}

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static boolean isUpper(char c) {
    return c >= 'A' && c <= 'Z';
  }

  static boolean isLetter(char c) {
    return isUpper(c) || c >= 'a' && c <= 'z';
  }

  static boolean isAlphanumeric(char c) {
    return isDigit(c) || isLetter(c);
  }

  static boolean isHexDigit(char c) {
    return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  /** Letters, digits, underscore and hyphen: what tokens are made of. */
  static boolean isToken(char c) {
    return isAlphanumeric(c) || c == '_' || c == '-';
  }

  /**
   * Whether a word may start here: there is no letter, digit or underscore before, save one of an
   * escape such as {@code \n} in what once was JSON or code.
   */
  static boolean startsWord(String text, int at) {
    if (at == 0) {
      return true;
    }
    char before = text.charAt(at - 1);
    if (!isAlphanumeric(before) && before != '_') {
      return true;
    }
    return at > 1 && text.charAt(at - 2) == '\\' && "nrtbf".indexOf(before) >= 0;
  }

  /** Whether a word may end before this index. */
  static boolean endsWord(String text, int at) {
    return at >= text.length() || !isAlphanumeric(text.charAt(at)) && text.charAt(at) != '_';
  }

  /** Whether a number goes on at this index, as in {@code .5}. */
  static boolean isFraction(String text, int at) {
    return at + 1 < text.length()
        && (text.charAt(at) == '.' || text.charAt(at) == ',')
        && isDigit(text.charAt(at + 1));
  }

  static boolean hasDigit(String text, int from, int end) {
    for (int i = from; i < end; i++) {
      if (isDigit(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
