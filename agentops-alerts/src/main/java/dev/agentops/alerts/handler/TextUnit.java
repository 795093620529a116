package dev.agentops.alerts.handler;

import java.nio.charset.StandardCharsets;

/** What a vendor counts when it limits a text; cuts between code points only. */
enum TextUnit {

  /** UTF-16, as Java and JavaScript count. */
  CHARS {
    @Override
    int of(int codePoint) {
      return Character.charCount(codePoint);
    }

    @Override
    int of(String text) {
      return text.length();
    }
  },

  /** "Runes" in Go. */
  CODE_POINTS {
    @Override
    int of(int codePoint) {
      return 1;
    }

    @Override
    int of(String text) {
      return text.codePointCount(0, text.length());
    }
  },

  /** UTF-8. */
  BYTES {
    @Override
    int of(int codePoint) {
      return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    @Override
    int of(String text) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
  };

  abstract int of(int codePoint);

  abstract int of(String text);

  /**
   * This text or, if it is longer than the limit, its beginning and {@code … (+N more)} where N
   * counts code points: together within the limit, if the limit has room for the mark at all.
   */
  String cut(String text, int limit) {
    if (text.length() <= limit / 4 || of(text) <= limit) {
      return text;
    }
    int total = text.codePointCount(0, text.length());
    int room = limit - of(mark(total));
    int end = 0;
    int kept = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      room -= of(c);
      if (room < 0) {
        break;
      }
      end += Character.charCount(c);
      kept++;
    }
    return text.substring(0, end) + mark(total - kept);
  }

  private static String mark(int more) {
    return "… (+" + more + " more)";
  }
}
