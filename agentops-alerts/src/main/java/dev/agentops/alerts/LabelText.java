package dev.agentops.alerts;

import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;

/** Writes labels as Prometheus and Alertmanager do: {@code {alertname="X", team="a"}}. */
final class LabelText {

  private LabelText() {}

  static String of(SortedMap<String, String> labels) {
    StringJoiner text = new StringJoiner(", ", "{", "}");
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.add(label.getKey() + "=" + quote(label.getValue()));
    }
    return text.toString();
  }

  /** As Go quotes a text: what cannot be printed is escaped. */
  private static String quote(String value) {
    StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
    value.codePoints().forEach(c -> append(quoted, c));
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder quoted, int c) {
    int control = "\u0007\b\f\n\r\t\u000b".indexOf(c);
    if (control >= 0) {
      quoted.append('\\').append("abfnrtv".charAt(control));
    } else if (c == '"' || c == '\\') {
      quoted.append('\\').append((char) c);
    } else if (isPrintable(c)) {
      quoted.appendCodePoint(c);
    } else {
      quoted.append(String.format(c < 0x80 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
    }
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
