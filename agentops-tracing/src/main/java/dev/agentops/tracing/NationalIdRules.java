package dev.agentops.tracing;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds numbers that states give to persons. */
final class NationalIdRules {

  private static final String BEFORE = "(?<![A-Za-z0-9_+.-])";
  private static final String AFTER = "(?![A-Za-z0-9_]|[.-]\\d)";
  private static final int SHORTEST = 6;
  private static final int LONGEST = 24;

  private static final String SSN = "(?!000|666|9)\\d{3}-(?!00)\\d{2}-(?!0000)\\d{4}";
  private static final String NINO =
      "(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\\d{2}){3} ?[A-D]";
  private static final String DNI = "(?:\\d{8}|[XYZ]\\d{7})-?[A-Z]";
  private static final String CODICE_FISCALE =
      "[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]";
  private static final String NIR =
      "[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}";
  private static final String CPF = "\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}";
  private static final String RESIDENT_ID =
      "[1-9]\\d{5}(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{3}[\\dXx]";

  static final List<TextRule> ALL =
      List.of(
          new Formed(SSN, 9, number -> true),
          new Formed(NINO, 6, number -> true),
          new Formed(DNI, 7, CheckDigits::dni),
          new Formed(CODICE_FISCALE, 0, CheckDigits::codiceFiscale),
          new Formed(NIR, 8, CheckDigits::nir),
          new Formed(CPF, 11, CheckDigits::cpf),
          new Formed(RESIDENT_ID, 17, CheckDigits::residentId),
          new Named());

  private NationalIdRules() {}

  /** Whether a text, all of it, can be such a number, given that its name says so. */
  static boolean isNumber(String text) {
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Characters.isDigit(c)) {
        digits++;
      } else if (!Characters.isUpper(c) && " -./".indexOf(c) < 0) {
        return false;
      }
    }
    return digits >= SHORTEST && text.length() <= LONGEST;
  }

  private static final class Formed implements TextRule {

    private final Pattern pattern;
    private final int digits;
    private final Predicate<String> check;

    Formed(String pattern, int digits, Predicate<String> check) {
      this.pattern = Pattern.compile(BEFORE + pattern + AFTER);
      this.digits = digits;
      this.check = check;
    }

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.run() >= digits && facts.digits() >= SHORTEST;
    }

    @Override
    public void apply(String text, Replacements found) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        if (check.test(compact(matcher.group()))) {
          found.replace(matcher.start(), matcher.end());
        }
      }
    }

    private static String compact(String number) {
      return number.replace(" ", "").replace("-", "").replace(".", "");
    }
  }

  /** What follows a word such as {@code SSN}. */
  private static final class Named implements TextRule {

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.digits() >= SHORTEST && (facts.colon() || facts.equals());
    }

    @Override
    public void apply(String text, Replacements found) {
      Assignments.forEach(
          text,
          (name, start, end, firm) -> {
            if (name == SensitiveName.NATIONAL_ID) {
              int last = start;
              int limit = Math.min(text.length(), start + LONGEST);
              while (last < limit && isPart(text.charAt(last))) {
                last++;
              }
              while (last > start && !Characters.isAlphanumeric(text.charAt(last - 1))) {
                last--;
              }
              if (isNumber(text.substring(start, last))) {
                found.replace(start, last);
              }
            }
          });
    }

    private static boolean isPart(char c) {
      return Characters.isDigit(c) || Characters.isUpper(c) || " -.".indexOf(c) >= 0;
    }
  }
}
