package dev.agentops.tracing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Finds texts in Base64, of the common or the URL alphabet, within another. Libraries quote what
 * they could not read so, LangChain4j in its {@code OutputParsingException}.
 */
final class Base64Texts {

  private static final int SHORTEST = 16;

  /** At most one character in so many may be none of a text. */
  private static final int READABLE = 10;

  private Base64Texts() {}

  /** Receives one text. */
  interface Visitor {

    void visit(int start, int end, String decoded);
  }

  static void forEach(String text, Visitor visitor) {
    int i = 0;
    while (i < text.length()) {
      int end = i;
      while (end < text.length() && isBase64(text.charAt(end))) {
        end++;
      }
      if (end - i >= SHORTEST && readable(decode(text, i, i + SHORTEST)) != null) {
        @Nullable String decoded = readable(decode(text, i, end));
        int last = end;
        while (last < text.length() && last - end < 2 && text.charAt(last) == '=') {
          last++;
        }
        if (decoded != null) {
          visitor.visit(i, last, decoded);
        }
      }
      i = end + 1;
    }
  }

  /** What this part means, with or without its padding; the rest of a cut one is left out. */
  static byte[] decode(String text, int from, int to) {
    int end = to;
    while (end > from && text.charAt(end - 1) == '=') {
      end--;
    }
    if ((end - from) % 4 == 1) {
      end--;
    }
    String common = text.substring(from, end).replace('-', '+').replace('_', '/');
    try {
      return Base64.getDecoder().decode(common);
    } catch (IllegalArgumentException e) {
      return new byte[0]; // it has other characters
    }
  }

  private static boolean isBase64(char c) {
    return Characters.isToken(c) || c == '+' || c == '/';
  }

  private static @Nullable String readable(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    long strange =
        text.chars()
            .filter(c -> c == '\ufffd' || Character.isISOControl(c) && !Character.isWhitespace(c))
            .count();
    return strange * READABLE > text.length() ? null : text;
  }
}
