package dev.agentops.tracing;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Finds keys, passwords and other credentials in a text. */
final class SecretRules {

  static final List<TextRule> ALL =
      List.of(
          new PrivateKeys(),
          new UrlUsers(),
          new PrefixedKeyRule(),
          new TelegramTokens(),
          new WebTokens(),
          new AuthorizationSchemes(),
          new XmlSecrets(),
          new ShellSecrets(),
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

  /** The tokens of Telegram's bots: the number of the bot, a colon, and letters. */
  private static final class TelegramTokens implements TextRule {

    private static final String MARK = ":AA";
    private static final int SHORTEST_NUMBER = 8;
    private static final int LENGTH = 35;

    @Override
    public boolean mayMatch(TextFacts facts) {
      return facts.colon() && facts.digits() >= SHORTEST_NUMBER;
    }

    @Override
    public void apply(String text, Replacements found) {
      int mark = text.indexOf(MARK);
      while (mark >= 0) {
        int start = mark;
        while (start > 0 && mark - start <= 10 && Characters.isDigit(text.charAt(start - 1))) {
          start--;
        }
        int end = tokenEnd(text, mark + 1);
        if (mark - start >= SHORTEST_NUMBER && end - mark - 1 == LENGTH) {
          found.replace(start, end);
        }
        mark = text.indexOf(MARK, end);
      }
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
    private static final int BEARER = 7;
    private static final int LONGEST_WORD = 20;

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
            text.regionMatches(true, i, "Bearer ", 0, BEARER)
                ? BEARER
                : text.regionMatches(true, i, "Basic ", 0, 6) ? 6 : 0;
        if (length > 0 && Characters.startsWord(text, i)) {
          int start = i + length;
          int end = start;
          while (end < text.length() && isCredential(text.charAt(end))) {
            end++;
          }
          if (end - start >= SHORTEST
              && (length == BEARER
                  ? !isWord(text, start, end)
                  : isUserAndPassword(text, start, end))) {
            found.replace(start, end);
          }
          i = Math.max(i, end - 1);
        }
      }
    }

    private static boolean isCredential(char c) {
      return Characters.isToken(c) || "._~+/=".indexOf(c) >= 0;
    }

    /** In Base64; what is too long for a word need not be whole. */
    private static boolean isUserAndPassword(String text, int from, int end) {
      return !isWord(text, from, end)
          && (end - from > LONGEST_WORD
              || new String(Base64Texts.decode(text, from, end), StandardCharsets.ISO_8859_1)
                      .indexOf(':')
                  >= 0);
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

  private static int tokenEnd(String text, int from) {
    int end = from;
    while (end < text.length() && Characters.isToken(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
