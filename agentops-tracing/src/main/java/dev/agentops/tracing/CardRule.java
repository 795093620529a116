package dev.agentops.tracing;

/**
 * Finds payment card numbers: bare, or in the groups in which cards show them, with the prefix and
 * length of a scheme and a right Luhn digit.
 */
final class CardRule implements TextRule {

  private static final int MINIMUM = 14;
  private static final int MAXIMUM = 19;

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
      int end = numberEnd(text, i);
      if (Characters.startsWord(text, i)
          && !(i > 1
              && Characters.isFraction(text, i - 1)
              && Characters.isDigit(text.charAt(i - 2)))
          && Characters.endsWord(text, end)
          && !Characters.isFraction(text, end)
          && isCard(text.substring(i, end))) {
        found.replace(i, end);
      }
      i = end;
    }
  }

  /** After the digits, and those that follow after one space or hyphen each. */
  private static int numberEnd(String text, int from) {
    int end = from + 1;
    while (end < text.length()) {
      char c = text.charAt(end);
      if (Characters.isDigit(c)) {
        end++;
      } else if ((c == ' ' || c == '-')
          && end + 1 < text.length()
          && Characters.isDigit(text.charAt(end + 1))) {
        end += 2;
      } else {
        break;
      }
    }
    return end;
  }

  private static boolean isCard(String candidate) {
    String digits = candidate.replace(" ", "").replace("-", "");
    return digits.length() >= MINIMUM
        && digits.length() <= MAXIMUM
        && (digits.length() == candidate.length() || isGrouped(candidate))
        && isOfScheme(digits)
        && CheckDigits.luhn(digits);
  }

  /**
   * 4-4-4-4, with three more, or 4-6-5 and 4-6-4: else it is a part of a UUID or several numbers.
   */
  private static boolean isGrouped(String candidate) {
    StringBuilder groups = new StringBuilder();
    for (String group : candidate.split("[ -]", -1)) {
      groups.append(group.length());
    }
    return switch (groups.toString()) {
      case "4444", "44443", "465", "464" -> true;
      default -> false;
    };
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
