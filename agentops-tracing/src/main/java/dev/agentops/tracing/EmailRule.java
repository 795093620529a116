package dev.agentops.tracing;

/** Finds e-mail addresses around each {@code @}, those of other alphabets too. */
final class EmailRule implements TextRule {

  private static final int MAXIMUM_LOCAL = 64;
  private static final int MAXIMUM_DOMAIN = 255;

  /** The user of every repository over SSH. */
  private static final String GIT = "git";

  private static final String LOCAL_SIGNS = "._%+-'";

  @Override
  public boolean mayMatch(TextFacts facts) {
    return facts.at();
  }

  @Override
  public void apply(String text, Replacements found) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int length = c == '@' ? 1 : c == '%' && text.startsWith("40", i + 1) ? 3 : 0;
      if (length == 0) {
        continue;
      }
      int start = localStart(text, i);
      int end = domainEnd(text, i + length);
      if (start < i && end > 0 && !text.substring(start, i).equals(GIT)) {
        found.replace(start, end);
        i = end - 1;
      }
    }
  }

  private static int localStart(String text, int at) {
    int start = at;
    while (start > 0 && at - start < MAXIMUM_LOCAL && isLocal(text.charAt(start - 1))) {
      start--;
    }
    while (start < at && LOCAL_SIGNS.indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    return start;
  }

  private static boolean isLocal(char c) {
    return Character.isLetterOrDigit(c) || LOCAL_SIGNS.indexOf(c) >= 0;
  }

  /** Where the domain ends that starts here; 0 where there is none with a top level of letters. */
  private static int domainEnd(String text, int from) {
    int end = from;
    int limit = Math.min(text.length(), from + MAXIMUM_DOMAIN);
    while (end < limit && isDomain(text.charAt(end))) {
      end++;
    }
    // "jane@example.com." or "jane@example.com-" ends a sentence
    while (end > from && !Character.isLetterOrDigit(text.charAt(end - 1))) {
      end--;
    }
    int dot = end - 1;
    while (dot > from && text.charAt(dot) != '.') {
      dot--;
    }
    return dot > from && end - dot > 2 && Character.isLetter(text.charAt(dot + 1)) ? end : 0;
  }

  private static boolean isDomain(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '-';
  }
}
