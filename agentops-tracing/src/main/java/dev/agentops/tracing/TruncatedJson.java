package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Copies JSON as far as it fits, with its strings cut at a limit. Not thread-safe. */
final class TruncatedJson {

  /** Room for a comma and a field or element with the marker. */
  static final int MARKER_FIELD = StringLengths.MARKER + 10;

  private final String text;
  private final int maximum;
  private final int limit;
  private final StringBuilder out;
  private final StringBuilder open = new StringBuilder();
  private boolean first = true;
  private String field = "";

  TruncatedJson(String text, int maximum, int limit) {
    this.text = text;
    this.maximum = maximum;
    this.limit = limit;
    this.out = new StringBuilder(Math.min(text.length(), maximum));
  }

  String copy(JsonParser parser) throws IOException {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      int start = (int) parser.currentTokenLocation().getCharOffset();
      if (token.isStructEnd()) {
        close();
      } else if (token == JsonToken.FIELD_NAME) {
        field = text.substring(start, stringEnd(text, start + 1) + 1) + ':';
      } else if (token.isStructStart()) {
        if (open.length() == JsonTruncation.MAXIMUM_DEPTH) {
          parser.skipChildren();
          int end = (int) parser.currentTokenLocation().getCharOffset() + 1;
          if (!add('"' + JsonTruncation.marker(end - start) + '"')) {
            return cutFrom(start);
          }
        } else if (!open(token == JsonToken.START_OBJECT)) {
          return cutFrom(start);
        }
      } else if (!add(scalar(token, parser, start))) {
        return cutFrom(start);
      }
    }
    return out.toString();
  }

  /** Where the string ends whose first character is here: at its quote, or with the text. */
  static int stringEnd(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) != '"') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    return Math.min(end, text.length());
  }

  private String scalar(JsonToken token, JsonParser parser, int start) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    int end = stringEnd(text, start + 1);
    if (end - start - 1 <= (long) limit + StringLengths.MARKER) {
      return text.substring(start, end + 1);
    }
    int cut = start + 1;
    int latest = start + 1 + limit;
    while (cut < latest) {
      int next = cut + unit(cut);
      if (next > latest) {
        break;
      }
      cut = next;
    }
    return text.substring(start, cut) + JsonTruncation.marker(end - cut) + '"';
  }

  /** How long the character is that starts here: an escape, or a pair of surrogates or escapes. */
  private int unit(int at) {
    char c = text.charAt(at);
    if (c != '\\') {
      return Character.isHighSurrogate(c) && Character.isLowSurrogate(text.charAt(at + 1)) ? 2 : 1;
    }
    if (text.charAt(at + 1) != 'u') {
      return 2;
    }
    boolean high = Character.isHighSurrogate((char) Integer.parseInt(text, at + 2, at + 6, 16));
    return high && text.startsWith("\\u", at + 6) ? 12 : 6;
  }

  private boolean add(String value) {
    if (!fits(value.length())) {
      return false;
    }
    separate();
    out.append(value);
    return true;
  }

  private boolean open(boolean object) {
    if (!fits(2)) {
      return false;
    }
    separate();
    out.append(object ? '{' : '[');
    open.append(object ? '}' : ']');
    first = true;
    return true;
  }

  private void close() {
    int last = open.length() - 1;
    out.append(open.charAt(last));
    open.setLength(last);
    first = false;
  }

  /** With room for the marker and the ends of what is open. */
  private boolean fits(int length) {
    int room = maximum - out.length() - open.length() - MARKER_FIELD;
    return 1 + field.length() + length <= room || open.isEmpty() && length <= maximum;
  }

  private void separate() {
    if (!first) {
      out.append(',');
    }
    out.append(field);
    field = "";
    first = false;
  }

  /** The end of the document goes: the innermost list or object says so. */
  private String cutFrom(int start) {
    boolean object = !open.isEmpty() && open.charAt(open.length() - 1) == '}';
    int fieldLength = field.length();
    field = object ? "\"…\":" : "";
    separate();
    out.append('"').append(JsonTruncation.marker(text.length() - start + fieldLength)).append('"');
    while (!open.isEmpty()) {
      close();
    }
    return out.toString();
  }
}
