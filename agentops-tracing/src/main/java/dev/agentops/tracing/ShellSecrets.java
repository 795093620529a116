package dev.agentops.tracing;

import java.util.Set;

/** Finds {@code --password x} and {@code curl -u user:x}, as in the commands of a shell. */
final class ShellSecrets implements TextRule {

  private static final String LONG = "--";
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_COMMAND = 256;

  /** What follows an option in prose about it. */
  private static final Set<String> WORDS =
      Set.of(
          "a",
          "and",
          "argument",
          "arguments",
          "as",
          "can",
          "flag",
          "flags",
          "for",
          "from",
          "if",
          "in",
          "instead",
          "is",
          "must",
          "on",
          "option",
          "options",
          "or",
          "parameter",
          "requires",
          "should",
          "switch",
          "the",
          "then",
          "to",
          "when",
          "will",
          "with");

  @Override
  public boolean mayMatch(TextFacts facts) {
    return true;
  }

  @Override
  public void apply(String text, Replacements found) {
    int dash = text.indexOf('-');
    while (dash >= 0) {
      int end = dash > 0 && !isBefore(text.charAt(dash - 1)) ? 0 : option(text, dash, found);
      dash = text.indexOf('-', Math.max(dash + 1, end));
    }
  }

  private static boolean isBefore(char c) {
    return Character.isWhitespace(c) || Assignments.isQuote(c) || "([,".indexOf(c) >= 0;
  }

  /** The end of the value it has replaced, or 0. */
  private static int option(String text, int dash, Replacements found) {
    int name = text.startsWith(LONG, dash) ? dash + 2 : dash + 1;
    int nameEnd = name;
    int limit = Math.min(text.length(), name + LONGEST_NAME);
    while (nameEnd < limit && Characters.isToken(text.charAt(nameEnd))) {
      nameEnd++;
    }
    int start = nameEnd;
    while (start < text.length() && text.charAt(start) == ' ' && start - nameEnd < 4) {
      start++;
    }
    if (start == nameEnd || start >= text.length() || text.charAt(start) == '-') {
      return 0;
    }
    boolean quoted = Assignments.isQuote(text.charAt(start));
    int value = quoted ? start + 1 : start;
    String option = text.substring(name, nameEnd);
    boolean user = option.equals("u") || option.equals("user") || option.equals("proxy-user");
    if (user ? !isOfCurl(text, dash) : !SensitiveName.of(option).isSecret()) {
      return 0;
    }
    int end = valueEnd(text, value, quoted ? text.charAt(start) : ' ');
    String credential = text.substring(value, end);
    boolean secret =
        user
            ? credential.indexOf(':') > 0
            : SensitiveName.of(option).isSecret(credential) && !isWord(credential);
    if (!secret || credential.startsWith(Redaction.START)) {
      return 0;
    }
    found.replace(value, end);
    return end;
  }

  private static boolean isWord(String credential) {
    int last = credential.length() - 1;
    boolean sentence = last > 0 && ".,:;)".indexOf(credential.charAt(last)) >= 0;
    return WORDS.contains(sentence ? credential.substring(0, last) : credential);
  }

  private static int valueEnd(String text, int from, char quote) {
    int end = from;
    while (end < text.length()
        && text.charAt(end) != '\n'
        && (quote == ' '
            ? !Character.isWhitespace(text.charAt(end)) && !Assignments.isQuote(text.charAt(end))
            : text.charAt(end) != quote)) {
      end++;
    }
    return end;
  }

  private static boolean isOfCurl(String text, int option) {
    String before = text.substring(Math.max(0, option - LONGEST_COMMAND), option);
    return before.lastIndexOf("curl") > before.lastIndexOf('\n');
  }
}
