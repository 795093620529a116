package dev.agentops.tracing;

/** Finds the text of XML elements such as {@code <password>}. */
final class XmlSecrets implements TextRule {

  private static final String CDATA = "<![CDATA[";
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_TAG = 256;

  @Override
  public boolean mayMatch(TextFacts facts) {
    return true;
  }

  @Override
  public void apply(String text, Replacements found) {
    int tag = text.indexOf('<');
    while (tag >= 0) {
      int value = valueStart(text, tag + 1);
      SensitiveName name = value < 0 ? SensitiveName.OTHER : SensitiveName.of(name(text, tag + 1));
      int end = name.isSecret() ? valueEnd(text, value) : -1;
      if (end > value
          && !text.startsWith(Redaction.START, value)
          && name.isSecret(text.substring(value, end))) {
        found.replace(value, end);
      }
      tag = text.indexOf('<', Math.max(tag + 1, end));
    }
  }

  /** After the tag, if it is one that opens; else -1. */
  private static int valueStart(String text, int from) {
    if (from >= text.length() || !Characters.isLetter(text.charAt(from))) {
      return -1;
    }
    int limit = Math.min(text.length(), from + LONGEST_TAG);
    for (int i = from; i < limit; i++) {
      char c = text.charAt(i);
      if (c == '<' || c == '>') {
        boolean opens = c == '>' && text.charAt(i - 1) != '/';
        return !opens ? -1 : text.startsWith(CDATA, i + 1) ? i + 1 + CDATA.length() : i + 1;
      }
    }
    return -1;
  }

  /** At a closing tag, or the end of the text; -1 where another element follows. */
  private static int valueEnd(String text, int from) {
    boolean data = from >= CDATA.length() && text.startsWith(CDATA, from - CDATA.length());
    int end = text.indexOf(data ? "]]>" : "<", from);
    if (end < 0 || data) {
      return end < 0 ? text.length() : end;
    }
    return text.startsWith("</", end) ? end : -1;
  }

  /** Without the prefix of a namespace. */
  private static String name(String text, int from) {
    int end = from;
    int limit = Math.min(text.length(), from + LONGEST_NAME);
    while (end < limit
        && (Characters.isToken(text.charAt(end)) || ":.".indexOf(text.charAt(end)) >= 0)) {
      end++;
    }
    return text.substring(from, end);
  }
}
