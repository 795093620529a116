package dev.agentops.tracing;

import org.jspecify.annotations.Nullable;

/**
 * Finds what is assigned to a name in a text that is no JSON: {@code name=value}, {@code name:
 * value}, {@code "name": "value"}, also within an escaped text.
 */
final class Assignments {

  private static final int LONGEST_NAME = 64;
  private static final int MOST_SPACES = 4;

  private Assignments() {}

  /** Receives one assignment. */
  interface Visitor {

    /**
     * Sees one.
     *
     * @param start where the value starts, after its quote
     * @param end where it ends: at the closing quote, a space or the like
     * @param firm whether it can be nothing else, as after an equals sign or in quotes; else it may
     *     be prose
     */
    void visit(SensitiveName name, int start, int end, boolean firm);
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
    int quote = start;
    while (quote < text.length() && text.charAt(quote) == '\\') {
      quote++;
    }
    boolean quoted = quote < text.length() && isQuote(text.charAt(quote));
    if (quoted) {
      start = quote + 1;
    }
    int end =
        quoted
            ? quoteEnd(text, start, text.charAt(quote))
            : start < knownEnd ? knownEnd : valueEnd(text, start);
    if (start < end) {
      visitor.visit(name, start, end, quoted || text.charAt(separator) == '=');
    }
    return quoted ? knownEnd : end;
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
    SensitiveName name = SensitiveName.of(text.substring(start, end));
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

  private static int quoteEnd(String text, int from, char quote) {
    int end = from;
    while (end < text.length() && text.charAt(end) != quote && text.charAt(end) != '\n') {
      end++;
    }
    while (end > from && end < text.length() && text.charAt(end - 1) == '\\') {
      end--;
    }
    return end;
  }

  private static int valueEnd(String text, int from) {
    int end = from;
    while (end < text.length()
        && !Character.isWhitespace(text.charAt(end))
        && "&,;\"'`<>|)}]".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return end;
  }
}
