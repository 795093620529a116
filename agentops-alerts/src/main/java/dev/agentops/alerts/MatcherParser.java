package dev.agentops.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads matchers as Alertmanager's classic parser does: quotes around a value may be left out, a
 * backslash escapes a quote, a backslash and the n of a new line, and stands for itself otherwise.
 */
final class MatcherParser {

  private static final Pattern MATCHER =
      Pattern.compile("\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|=|!=|!~)\\s*(.*?)\\s*", Pattern.DOTALL);

  private MatcherParser() {}

  static Matcher one(String text) {
    java.util.regex.Matcher parts = MATCHER.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a matcher such as name=\"value\": '" + text + "'");
    }
    String value = parts.group(3);
    boolean quoted = value.startsWith("\"");
    return Matcher.of(
        parts.group(1), operator(parts.group(2)), unescape(value, quoted ? 1 : 0, text));
  }

  static List<Matcher> all(String text) {
    String list = text.strip();
    if (list.startsWith("{") && list.endsWith("}") && list.length() > 1) {
      list = list.substring(1, list.length() - 1);
    }
    List<Matcher> matchers = new ArrayList<>();
    int from = 0;
    for (int to = end(list, from); from < list.length(); to = end(list, from)) {
      String one = list.substring(from, to);
      if (!one.isBlank() || to < list.length()) { // a comma at the end is no mistake
        matchers.add(one(one));
      }
      from = to + 1;
    }
    return List.copyOf(matchers);
  }

  /** Where the matcher that begins here ends: at a comma that is not in quotes. */
  private static int end(String list, int from) {
    boolean quoted = false;
    for (int i = from; i < list.length(); i++) {
      char c = list.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        return i;
      }
    }
    return list.length();
  }

  private static Matcher.Operator operator(String symbol) {
    for (Matcher.Operator operator : Matcher.Operator.values()) {
      if (operator.symbol().equals(symbol)) {
        return operator;
      }
    }
    throw new AssertionError(symbol);
  }

  private static String unescape(String value, int from, String text) {
    StringBuilder plain = new StringBuilder(value.length());
    boolean open = from == 1;
    for (int i = from; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"') {
        if (!open || i < value.length() - 1) {
          throw new IllegalArgumentException(
              "a quote in the value needs a backslash: '" + text + "'");
        }
        open = false;
      } else if (c == '\\' && i < value.length() - 1) {
        appendEscaped(plain, value.charAt(++i));
      } else {
        plain.append(c);
      }
    }
    if (open) {
      throw new IllegalArgumentException("the value has no closing quote: '" + text + "'");
    }
    return plain.toString();
  }

  private static void appendEscaped(StringBuilder plain, char c) {
    switch (c) {
      case 'n' -> plain.append('\n');
      case '"', '\\' -> plain.append(c);
      default -> plain.append('\\').append(c);
    }
  }
}
