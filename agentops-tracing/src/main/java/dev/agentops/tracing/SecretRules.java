package dev.agentops.tracing;

import java.util.List;

/** Finds keys, passwords and other credentials in a text. */
final class SecretRules {

  static final List<TextRule> ALL =
      List.of(
          new PrivateKeys(),
          new UrlUsers(),
          new PrefixedKeyRule(),
          new WebTokens(),
          new AuthorizationSchemes(),
          new AssignedSecrets());

  private SecretRules() {}

  /** PEM blocks; one without an end goes on to the last character that may belong to it. */
  private static final class PrivateKeys implements TextRule {

    private static final String BEGIN = "-----BEGIN ";
    private static final String KEY = "PRIVATE KEY";
    private static final String END = "-----END ";
    private static final int LONGEST_LABEL = 40;

    @Override
    public boolean mayMatch(TextFacts facts) {
      return true;
    }

    @Override
    public void apply(String text, Replacements found) {
      int begin = text.indexOf(BEGIN);
      while (begin >= 0) {
        int label = begin + BEGIN.length();
        int latest = label + LONGEST_LABEL;
        while (label < latest && !text.startsWith(KEY, label)) {
          label++;
        }
        if (label < latest) {
          int end = end(text, label + KEY.length());
          found.replace(begin, end);
          begin = text.indexOf(BEGIN, end);
        } else {
          begin = text.indexOf(BEGIN, begin + BEGIN.length());
        }
      }
    }

    private static int end(String text, int from) {
      int end = from;
      while (end < text.length() && isPem(text.charAt(end)) && !text.startsWith(END, end)) {
        end++;
      }
      if (text.startsWith(END, end)) {
        end += END.length();
        while (end < text.length() && (text.charAt(end) != '-' && text.charAt(end) != '\n')) {
          end++;
        }
        while (end < text.length() && text.charAt(end) == '-') {
          end++;
        }
      }
      return end;
    }

    private static boolean isPem(char c) {
      return Characters.isAlphanumeric(c) || "+/=- \\\r\n\t:,.".indexOf(c) >= 0;
    }
  }

  /** The user and password of a URL. */
  private static final class UrlUsers implements TextRule {

    private static final String MARK = "://";

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.at() && facts.colon();
    }

    @Override
    public void apply(String text, Replacements found) {
      int mark = text.indexOf(MARK);
      while (mark >= 0) {
        int start = mark + MARK.length();
        int at = -1;
        int i = start;
        while (i < text.length() && isAuthority(text.charAt(i))) {
          if (text.charAt(i) == '@') {
            at = i;
          }
          i++;
        }
        if (at > start) {
          found.replace(start, at);
        }
        mark = text.indexOf(MARK, i);
      }
    }

    private static boolean isAuthority(char c) {
      return !Character.isWhitespace(c) && "/?#\"'<>`\\".indexOf(c) < 0;
    }
  }

  /** JSON web tokens, with or without a signature. */
  private static final class WebTokens implements TextRule {

    private static final String START = "eyJ";
    private static final int SHORTEST_PART = 8;

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.dot();
    }

    @Override
    public void apply(String text, Replacements found) {
      int start = text.indexOf(START);
      while (start >= 0) {
        int header = tokenEnd(text, start);
        int end = header;
        while (end < text.length() && text.charAt(end) == '.') {
          end = tokenEnd(text, end + 1);
        }
        if (Characters.startsWord(text, start)
            && header - start >= SHORTEST_PART
            && end - header > SHORTEST_PART) {
          found.replace(start, end);
        }
        start = text.indexOf(START, Math.max(end, start + 1));
      }
    }
  }

  /** What follows {@code Bearer} or {@code Basic}, unless it is a word. */
  private static final class AuthorizationSchemes implements TextRule {

    private static final int SHORTEST = 8;

    @Override
    public boolean mayMatch(TextFacts facts) {
      return true;
    }

    @Override
    public void apply(String text, Replacements found) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c != 'B' && c != 'b') {
          continue;
        }
        int length =
            text.regionMatches(true, i, "Bearer ", 0, 7)
                ? 7
                : text.regionMatches(true, i, "Basic ", 0, 6) ? 6 : 0;
        if (length > 0 && Characters.startsWord(text, i)) {
          int start = i + length;
          int end = start;
          while (end < text.length() && isCredential(text.charAt(end))) {
            end++;
          }
          if (end - start >= SHORTEST && !isWord(text, start, end)) {
            found.replace(start, end);
          }
          i = Math.max(i, end - 1);
        }
      }
    }

    private static boolean isCredential(char c) {
      return Characters.isToken(c) || "._~+/=".indexOf(c) >= 0;
    }

    private static boolean isWord(String text, int from, int end) {
      for (int i = from + 1; i < end; i++) {
        char c = text.charAt(i);
        if (Characters.isDigit(c) || Characters.isUpper(c) || c == '=' || c == '_') {
          return false;
        }
      }
      return true;
    }
  }

  /** What is assigned to a name such as {@code password}. */
  private static final class AssignedSecrets implements TextRule {

    private static final int SHORTEST_TOKEN = 6;
    private static final int SHORTEST_TOKEN_IN_PROSE = 8;
    private static final List<String> LITERALS =
        List.of("null", "true", "false", "none", "undefined", "nil");

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.colon() || facts.equals();
    }

    @Override
    public void apply(String text, Replacements found) {
      Assignments.forEach(
          text,
          (name, start, end, firm) -> {
            if (name.isSecret() && isSecret(name, text, start, end, firm)) {
              found.replace(start, credentialEnd(text, start, end, firm));
            }
          });
    }

    private static boolean isSecret(
        SensitiveName name, String text, int start, int end, boolean firm) {
      if (text.startsWith(Redaction.START, start)
          || LITERALS.stream()
              .anyMatch(
                  word ->
                      word.length() == end - start
                          && text.regionMatches(true, start, word, 0, word.length()))) {
        return false;
      }
      if (name == SensitiveName.PASSWORD) {
        return true;
      }
      return firm
          ? end - start >= SHORTEST_TOKEN
          : end - start >= SHORTEST_TOKEN_IN_PROSE && Characters.hasDigit(text, start, end);
    }

    /** With what follows the scheme of {@code Authorization: Bearer abc}. */
    private static int credentialEnd(String text, int start, int end, boolean firm) {
      boolean scheme =
          !firm
              && (text.regionMatches(true, start, "bearer ", 0, 7)
                  || text.regionMatches(true, start, "basic ", 0, 6)
                  || text.regionMatches(true, start, "digest ", 0, 7));
      if (!scheme) {
        return end;
      }
      int last = end + 1;
      while (last < text.length() && !Character.isWhitespace(text.charAt(last))) {
        last++;
      }
      return last;
    }
  }

  private static int tokenEnd(String text, int from) {
    int end = from;
    while (end < text.length() && Characters.isToken(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
