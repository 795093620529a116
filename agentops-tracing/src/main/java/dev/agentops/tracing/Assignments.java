package dev.agentops.tracing;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is assigned to a name in a text that is no JSON: {@code name=value}, {@code name:
 * value}, {@code "name": "value"}, also within an escaped text.
 */
final class Assignments {

  private static final int LONGEST_NAME = 64;
  private static final int MOST_SPACES = 4;
  private static final int MOST_BACKSLASHES = 7;
  private static final int MOST_TRAILING = 8;
  private static final int LONGEST_CALL = 128;
  private static final int DEEPEST_BLOCK = 32;

  /** A call in code, without a text in it. */
  private static final Pattern CALL =
      Pattern.compile("[A-Za-z_][A-Za-z_.]*+\\((?:\\)|[A-Za-z_.]++[,)])");

  /** What reads a value, so that the text in it is a name or a question. */
  private static final Pattern READER =
      Pattern.compile("(?:\\w++\\.)*+(?:input|getpass|getenv|environ|get|getProperty|env)[(\\[]");

  private Assignments() {}

  /** How a value is given. */
  enum Form {
    /** After a colon: it may be prose. */
    PROSE,
    /** After an equals sign. */
    ASSIGNED,
    /** In quotes. */
    QUOTED
  }

  /** Receives one assignment. */
  interface Visitor {

    /**
     * Sees one.
     *
     * @param start where the value starts, after its quote
     * @param end where it ends: at the closing quote, a space, or the next assignment
     */
    void visit(SensitiveName name, int start, int end, Form form);
  }

  static void forEach(String text, Visitor visitor) {
    int valueEnd = 0; // that of a=a=a=a is the same for each: it is looked for once
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '=' || c == ':') {
        SensitiveName name = nameBefore(text, i);
        if (name != SensitiveName.OTHER) {
          valueEnd = visit(text, i, name, visitor, valueEnd);
        }
      }
    }
  }

  /** Where the line ends that goes on at this index, or the quotes around it. */
  static int lineEnd(String text, int from) {
    int end = from;
    boolean inner = false; // in quotes of its own, as in realm="x"
    while (end < text.length()) {
      char c = text.charAt(end);
      if (c == '\n' || c == '\r' || c == '\\' && isEscapedBreak(text, end)) {
        break;
      }
      if (c == '"' && (inner || isAfterEquals(text, from, end))) {
        inner = !inner;
      } else if (!inner && isQuote(c) && !isApostrophe(text, end)) {
        break;
      }
      end++;
    }
    while (end > from && " \\".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return trimmed(text, from, end);
  }

  private static int visit(
      String text, int separator, SensitiveName name, Visitor visitor, int knownEnd) {
    int start = separator + 1;
    while (start < text.length() && "=:>".indexOf(text.charAt(start)) >= 0) {
      start++; // as in ==, := and =>
    }
    int latest = Math.min(text.length(), start + MOST_SPACES);
    while (start < latest && text.charAt(start) == ' ') {
      start++;
    }
    start = text.charAt(separator) == ':' ? blockStart(text, start) : start;
    int quote = start;
    while (quote < text.length()
        && quote - start < MOST_BACKSLASHES
        && text.charAt(quote) == '\\') {
      quote++;
    }
    if (quote < text.length() && isQuote(text.charAt(quote))) {
      visitQuoted(text, quote, quote - start, name, visitor);
      return knownEnd;
    }
    int end = start < knownEnd ? knownEnd : valueEnd(text, start);
    if (start >= end) {
      return end;
    }
    if (end < text.length() && isQuote(text.charAt(end)) && isBeforeText(text, start, end)) {
      // b"..." and f("..."): the text is the value
      if (!looksAt(READER, text, start)) {
        visitQuoted(text, end, 0, name, visitor);
      }
    } else if (text.charAt(separator) != '=') {
      visitor.visit(name, start, end, Form.PROSE);
    } else if (!looksAt(CALL, text, start)) {
      visitor.visit(name, start, end, Form.ASSIGNED);
    }
    return end;
  }

  /** Where a value of YAML starts that stands alone in the next line. */
  private static int blockStart(String text, int from) {
    int end = from < text.length() && "|>".indexOf(text.charAt(from)) >= 0 ? from + 1 : from;
    if (end >= text.length() || text.charAt(end) != '\n') {
      return from;
    }
    int start = end + 1;
    int latest = Math.min(text.length(), start + DEEPEST_BLOCK);
    while (start < latest && text.charAt(start) == ' ') {
      start++;
    }
    boolean value =
        start > end + 1 && start < text.length() && Characters.isAlphanumeric(text.charAt(start));
    return value ? start : from;
  }

  private static void visitQuoted(
      String text, int quote, int backslashes, SensitiveName name, Visitor visitor) {
    int next = quote;
    do {
      int end = quoteEnd(text, next + 1, text.charAt(quote), backslashes);
      if (next + 1 < end) {
        visitor.visit(name, next + 1, end, Form.QUOTED);
      }
      next = nextInList(text, end, text.charAt(quote), backslashes);
    } while (next > 0 && quote > 0 && text.charAt(quote - 1) == '[');
  }

  /** The quote that opens the next text of a list; 0 where there is none. */
  private static int nextInList(String text, int end, char quote, int backslashes) {
    int next = end + backslashes + 1;
    int latest = Math.min(text.length(), next + MOST_SPACES + backslashes);
    boolean comma = next < latest && text.charAt(next) == ',';
    do {
      next++;
    } while (next < latest && (text.charAt(next) == ' ' || text.charAt(next) == '\\'));
    return comma && next < latest && text.charAt(next) == quote ? next : 0;
  }

  private static boolean isBeforeText(String text, int start, int quote) {
    char last = text.charAt(quote - 1);
    if ((last == '(' || last == '[') && quote - start <= LONGEST_NAME) {
      return true;
    }
    for (int i = start; i < quote; i++) {
      if (!Characters.isLetter(text.charAt(i)) && "@$".indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return quote - start <= 2;
  }

  private static boolean looksAt(Pattern pattern, String text, int start) {
    return pattern
        .matcher(text)
        .region(start, Math.min(text.length(), start + LONGEST_CALL))
        .lookingAt();
  }

  /** Of the word before the separator, or of the two, as in {@code api key: }. */
  private static SensitiveName nameBefore(String text, int separator) {
    int end = separator;
    while (end > 0 && end > separator - MOST_SPACES && isFiller(text.charAt(end - 1))) {
      end--;
    }
    int start = wordStart(text, end);
    if (start == end) {
      return SensitiveName.OTHER;
    }
    String word = text.substring(start, end);
    if (isInUrl(text, start) && isSignature(word)) {
      return SensitiveName.TOKEN;
    }
    SensitiveName name = SensitiveName.of(word);
    if (name == SensitiveName.OTHER && start > 1 && text.charAt(start - 1) == ' ') {
      @Nullable String words = twoWords(text, start, end);
      return words == null ? name : SensitiveName.of(words);
    }
    return name;
  }

  private static @Nullable String twoWords(String text, int start, int end) {
    int first = wordStart(text, start - 1);
    return first == start - 1 ? null : text.substring(first, end);
  }

  private static int wordStart(String text, int end) {
    int start = end;
    while (start > 0
        && end - start < LONGEST_NAME
        && (Characters.isToken(text.charAt(start - 1)) || text.charAt(start - 1) == '.')) {
      start--;
    }
    return start;
  }

  private static boolean isFiller(char c) {
    return c == ' ' || c == '\\' || c == ']' || isQuote(c);
  }

  static boolean isQuote(char c) {
    return c == '"' || c == '\'' || c == '`';
  }

  private static boolean isInUrl(String text, int name) {
    return name > 0 && (text.charAt(name - 1) == '?' || text.charAt(name - 1) == '&');
  }

  /** Whoever has a signed URL has what it leads to. */
  private static boolean isSignature(String name) {
    return name.equalsIgnoreCase("sig")
        || name.regionMatches(true, name.length() - 9, "signature", 0, 9);
  }

  private static boolean isAfterEquals(String text, int from, int quote) {
    int before = quote - 1;
    while (before > from && text.charAt(before) == '\\' && quote - before <= MOST_BACKSLASHES) {
      before--;
    }
    return before > from && text.charAt(before) == '=';
  }

  private static boolean isApostrophe(String text, int at) {
    return text.charAt(at) == '\''
        && at > 0
        && at + 1 < text.length()
        && Characters.isLetter(text.charAt(at - 1))
        && Characters.isLetter(text.charAt(at + 1));
  }

  private static boolean isEscapedBreak(String text, int at) {
    return at + 1 < text.length() && (text.charAt(at + 1) == 'n' || text.charAt(at + 1) == 'r');
  }

  /**
   * At the quote that has as many backslashes before it as the opening one, or fewer; more are
   * escapes within. At the end of the line where there is none.
   */
  private static int quoteEnd(String text, int from, char quote, int backslashes) {
    int run = 0;
    int end = from;
    while (end < text.length() && text.charAt(end) != '\n') {
      char c = text.charAt(end);
      if (c == quote && (run < backslashes || run % (2 * (backslashes + 1)) == backslashes)) {
        return end - Math.min(run, backslashes);
      }
      run = c == '\\' ? run + 1 : 0;
      end++;
    }
    return end;
  }

  /** At a space, a quote, a closing tag, or where the next assignment follows. */
  private static int valueEnd(String text, int from) {
    int end = from;
    while (end < text.length()
        && !Character.isWhitespace(text.charAt(end))
        && !isQuote(text.charAt(end))
        && !text.startsWith("</", end)
        && !isNext(text, end)) {
      end++;
    }
    return trimmed(text, from, end);
  }

  /** As in {@code &page=2}, {@code ;Initial Catalog=x} and {@code ,user:joe}. */
  private static boolean isNext(String text, int at) {
    char separator = text.charAt(at);
    if (separator != '&' && separator != ';' && separator != ',') {
      return false;
    }
    int limit = Math.min(text.length(), at + LONGEST_NAME);
    int i = at + 1;
    if (i >= limit || !Characters.isLetter(text.charAt(i)) && text.charAt(i) != '_') {
      return false;
    }
    while (i < limit
        && (Characters.isToken(text.charAt(i))
            || text.charAt(i) == '.'
            || separator == ';' && text.charAt(i) == ' ')) {
      i++;
    }
    return i < limit && (text.charAt(i) == '=' || separator == ',' && text.charAt(i) == ':');
  }

  private static boolean isOpened(String text, int from, int end, char bracket) {
    for (int i = Math.max(from, end - LONGEST_CALL); i < end; i++) {
      if (text.charAt(i) == bracket) {
        return true;
      }
    }
    return false;
  }

  /** Without the punctuation after it, and the brackets that were opened before it. */
  private static int trimmed(String text, int from, int to) {
    int end = to;
    while (end > from + 1 && to - end < MOST_TRAILING) {
      char last = text.charAt(end - 1);
      int bracket = ")]}>".indexOf(last);
      boolean after =
          last == ','
              || last == ';'
              || bracket >= 0 && !isOpened(text, from, end - 1, "([{<".charAt(bracket));
      if (!after) {
        break;
      }
      end--;
    }
    return end;
  }
}
