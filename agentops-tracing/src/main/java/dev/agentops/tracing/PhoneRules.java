package dev.agentops.tracing;

import java.util.List;
import java.util.regex.Pattern;

/** Finds telephone numbers by their form, or by the word before them. */
final class PhoneRules {

  private static final int SHORTEST = 7;
  private static final int LONGEST = 15;

  private static final Pattern INTERNATIONAL =
      Pattern.compile(
          "(?<![A-Za-z0-9_+.])(?:\\+|00(?=[1-9]\\d[ -]))"
              + "(?:1[ .()/-]{0,2}[2-9](?:[ .()/-]{0,2}\\d){9}|[2-9](?:[ .()/-]{0,2}\\d){7,14})(?!\\d)");

  private static final Pattern NORTH_AMERICAN =
      Pattern.compile(
          "(?:(?<![A-Za-z0-9_+.,/#$-])|(?<=\\\\[nrt]))(?:1[ .-])?"
              + "(?:\\([2-9]\\d{2}\\) ?[2-9]\\d{2}[ .-]|[2-9]\\d{2}-[2-9]\\d{2}-"
              + "|[2-9]\\d{2}\\.[2-9]\\d{2}\\.|[2-9]\\d{2} [2-9]\\d{2}-)"
              + "\\d{4}(?![A-Za-z0-9_]|[.-]\\d)");

  private static final Pattern NATIONAL =
      Pattern.compile(
          "(?<!(?i:order|invoice|ticket|part|item)[ :#]{1,2})"
              + "(?:(?<![A-Za-z0-9_+.,/#$-])|(?<=\\\\[nrt]))(?:"
              + "0[1-9](?:[ .-]\\d{2}){4}"
              + "|(?:\\(0[1-9]\\d{1,3}\\)|0[1-9]\\d{1,3})[ /-]\\d{3,4} ?\\d{3,4}"
              + ")(?![A-Za-z0-9_]|[.:-]\\d)");

  static final List<TextRule> ALL =
      List.of(
          new Formed(INTERNATIONAL, 8),
          new Formed(NORTH_AMERICAN, 10),
          new Formed(NATIONAL, 9),
          new Named());

  private PhoneRules() {}

  /** Whether a text, all of it, can be dialled. */
  static boolean isNumber(String text) {
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Characters.isDigit(c)) {
        digits++;
      } else if ("+-./() ".indexOf(c) < 0) {
        return false;
      }
    }
    return digits >= SHORTEST && digits <= LONGEST;
  }

  private record Formed(Pattern pattern, int digits) implements TextRule {

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.run() >= digits;
    }

    @Override
    public void apply(String text, Replacements found) {
      var matcher = pattern.matcher(text);
      while (matcher.find()) {
        found.replace(matcher.start(), matcher.end());
      }
    }
  }

  private static final class Named implements TextRule {

    private static final int WIDEST = 24;

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.run() >= SHORTEST && (facts.colon() || facts.equals());
    }

    @Override
    public void apply(String text, Replacements found) {
      Assignments.forEach(
          text,
          (name, start, end, firm) -> {
            if (name == SensitiveName.PHONE) {
              int last = start;
              int limit = Math.min(text.length(), start + WIDEST);
              while (last < limit && "+-./() 0123456789".indexOf(text.charAt(last)) >= 0) {
                last++;
              }
              while (last > start && !Characters.isDigit(text.charAt(last - 1))) {
                last--;
              }
              if (isNumber(text.substring(start, last))) {
                found.replace(start, last);
              }
            }
          });
    }
  }
}
