package dev.agentops.tracing;

/** Finds international bank account numbers, written together or in groups. */
final class IbanRule implements TextRule {

  /** Country and length, of the registry of SWIFT. */
  private static final String LENGTHS =
      "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29"
          + "ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30"
          + "KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24"
          + "PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29"
          + "VA22VG24XK20YE30";

  private static final int SHORTEST_DIGITS = 4;

  @Override
  public boolean mayMatch(TextFacts facts) {
    return facts.digits() >= SHORTEST_DIGITS;
  }

  @Override
  public void apply(String text, Replacements found) {
    for (int i = 0; i + 4 < text.length(); i++) {
      if (Characters.isLetter(text.charAt(i))
          && Characters.isDigit(text.charAt(i + 2))
          && Characters.isDigit(text.charAt(i + 3))
          && Characters.isLetter(text.charAt(i + 1))
          && Characters.startsWord(text, i)) {
        int end = end(text, i);
        if (end > 0) {
          found.replace(i, end);
          i = end - 1;
        }
      }
    }
  }

  /** Where the number ends that starts here; 0 where there is none. */
  private static int end(String text, int from) {
    int length = length(text, from);
    StringBuilder compact = new StringBuilder(length);
    int end = from;
    while (end < text.length() && compact.length() < length) {
      char c = text.charAt(end);
      if (Characters.isAlphanumeric(c)) {
        compact.append(Character.toUpperCase(c));
      } else if (c != ' ' && c != '-' && c != '\u00a0' || compact.length() % 4 != 0) {
        return 0;
      }
      end++;
    }
    return length > 0
            && compact.length() == length
            && Characters.endsWord(text, end)
            && CheckDigits.mod97(compact)
        ? end
        : 0;
  }

  private static int length(String text, int from) {
    char first = Character.toUpperCase(text.charAt(from));
    char second = Character.toUpperCase(text.charAt(from + 1));
    for (int i = 0; i < LENGTHS.length(); i += 4) {
      if (LENGTHS.charAt(i) == first && LENGTHS.charAt(i + 1) == second) {
        return Integer.parseInt(LENGTHS.substring(i + 2, i + 4));
      }
    }
    return 0;
  }
}
