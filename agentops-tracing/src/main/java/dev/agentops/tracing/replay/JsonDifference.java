package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The first place at which two JSON values differ. Members of objects have no order, and numbers
 * are compared by value.
 *
 * @param path such as {@code parts[0].content}; empty for the whole
 * @param recorded an excerpt of what is there in the first value
 * @param actual an excerpt of what is there in the second value
 */
record JsonDifference(String path, String recorded, String actual) {

  private static final int BEFORE = 20;
  private static final int EXCERPT = 80;

  /** Null where they are equal. */
  static @Nullable JsonDifference between(JsonNode recorded, JsonNode actual) {
    return between(recorded, actual, "");
  }

  /** The beginning of a value, for a message. */
  static String excerpt(JsonNode value) {
    return excerpt(value, 0);
  }

  private static @Nullable JsonDifference between(JsonNode a, JsonNode b, String path) {
    if (a.isObject() && b.isObject()) {
      return betweenMembers(a, b, path);
    }
    if (a.isArray() && b.isArray()) {
      return betweenElements(a, b, path);
    }
    boolean equal =
        a.isNumber() && b.isNumber()
            ? a.decimalValue().compareTo(b.decimalValue()) == 0
            : a.equals(b);
    return equal ? null : different(a, b, path);
  }

  private static @Nullable JsonDifference betweenMembers(JsonNode a, JsonNode b, String path) {
    Set<String> names = new TreeSet<>();
    for (JsonNode node : new JsonNode[] {a, b}) {
      for (Iterator<String> each = node.fieldNames(); each.hasNext(); ) {
        names.add(each.next());
      }
    }
    for (String name : names) {
      String below = path.isEmpty() ? name : path + '.' + name;
      JsonDifference difference = between(a.path(name), b.path(name), below);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static @Nullable JsonDifference betweenElements(JsonNode a, JsonNode b, String path) {
    for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
      JsonDifference difference = between(a.path(i), b.path(i), path + '[' + i + ']');
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static JsonDifference different(JsonNode a, JsonNode b, String path) {
    int from = 0;
    if (a.isTextual() && b.isTextual()) {
      from = Math.max(0, commonPrefix(a.asText(), b.asText()) - BEFORE);
    }
    return new JsonDifference(path, excerpt(a, from), excerpt(b, from));
  }

  private static int commonPrefix(String a, String b) {
    int length = 0;
    while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    return length;
  }

  private static String excerpt(JsonNode value, int from) {
    if (value.isMissingNode()) {
      return "nothing";
    }
    String text = value.isTextual() ? value.asText() : value.toString();
    String cut = text.substring(Math.min(from, text.length()));
    String shown =
        (from > 0 ? "..." : "")
            + (cut.length() <= EXCERPT ? cut : cut.substring(0, EXCERPT) + "...");
    return value.isTextual() ? '"' + shown + '"' : shown;
  }
}
