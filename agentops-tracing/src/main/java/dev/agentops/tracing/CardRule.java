package dev.agentops.tracing;

/**
 * Finds payment card numbers: bare, or in the groups in which cards show them, with the prefix and
 * length of a scheme and a right Luhn digit.
 */
final class CardRule implements TextRule {

  private static final int MINIMUM = 14;
  private static final int MAXIMUM = 19;

  /**
   * How many digits the groups of a number have, the longest first: others are parts of a UUID or
   * several numbers.
   */
  private static final int[][] GROUPINGS = {
    {4, 4, 4, 4, 3}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4},
  };

  @Override
  public boolean mayMatch(TextFacts facts) {
    return facts.run() >= MINIMUM;
  }

  @Override
  public void apply(String text, Replacements found) {
    int i = 0;
    while (i < text.length()) {
      if (!Characters.isDigit(text.charAt(i))) {
        i++;
        continue;
      }
      int group = groupEnd(text, i);
      int end = mayStart(text, i) ? cardEnd(text, i, group) : 0;
      if (end > 0) {
        found.replace(i, end);
      }
      i = Math.max(group, end);
    }
  }

  private static int groupEnd(String text, int from) {
    int end = from;
    while (end < text.length() && Characters.isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** Not in a word, nor after the point of a decimal number. */
  private static boolean mayStart(String text, int at) {
    return Characters.startsWord(text, at)
        && !(at > 1 && text.charAt(at - 1) == '.' && Characters.isDigit(text.charAt(at - 2)));
  }

  /** Where the card ends whose first group is this; 0 where there is none. */
  private static int cardEnd(String text, int from, int group) {
    int length = group - from;
    if (length >= MINIMUM && length <= MAXIMUM && isCard(text, from, group)) {
      return group;
    }
    for (int[] grouping : GROUPINGS) {
      int end = length == grouping[0] ? groupsEnd(text, from, grouping) : 0;
      if (end > 0 && isCard(text, from, end)) {
        return end;
      }
    }
    return 0;
  }

  /** After groups of these lengths, with one space or hyphen between them; 0 where they differ. */
  private static int groupsEnd(String text, int from, int[] grouping) {
    int at = from;
    for (int i = 0; i < grouping.length; i++) {
      if (i > 0) {
        if (at >= text.length() || text.charAt(at) != ' ' && text.charAt(at) != '-') {
          return 0;
        }
        at++;
      }
      int end = groupEnd(text, at);
      if (end - at != grouping[i]) {
        return 0;
      }
      at = end;
    }
    return at;
  }

  private static boolean isCard(String text, int from, int end) {
    boolean goesOn =
        !Characters.endsWord(text, end)
            || Characters.isFraction(text, end) && text.charAt(end) == '.'; // a comma is of CSV
    if (goesOn) {
      return false;
    }
    String digits = text.substring(from, end).replace(" ", "").replace("-", "");
    return isOfScheme(digits) && CheckDigits.luhn(digits);
  }

  private static boolean isOfScheme(String digits) {
    int length = digits.length();
    int two = Integer.parseInt(digits.substring(0, 2));
    int four = Integer.parseInt(digits.substring(0, 4));
    boolean visa = digits.charAt(0) == '4' && (length == 16 || length == 19);
    boolean mastercard = length == 16 && (two >= 51 && two <= 55 || four >= 2221 && four <= 2720);
    boolean amex = length == 15 && (two == 34 || two == 37);
    boolean diners =
        two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059; // 14 and more
    boolean jcb = length >= 16 && four >= 3528 && four <= 3589;
    boolean discover = length >= 16 && (four == 6011 || two == 65 || four >= 6440 && four <= 6499);
    boolean unionPay = length >= 16 && two == 62;
    boolean maestro = length >= 16 && (two == 50 || two == 63 || two == 67);
    return visa || mastercard || amex || diners || jcb || discover || unionPay || maestro;
  }
}
