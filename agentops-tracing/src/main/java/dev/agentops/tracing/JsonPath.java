package dev.agentops.tracing;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path into JSON, as far as it can be followed from the root without looking ahead: names,
 * indices, {@code *} and {@code ..}. Immutable, hence thread-safe.
 *
 * <p>How far a path was followed is a set of bits, one for each number of segments that lead to the
 * current place, since after {@code ..} several may.
 */
final class JsonPath {

  private static final int MOST_SEGMENTS = 62;
  private static final Pattern NAME = Pattern.compile("\\*|[^*'\"\\s()?@\\]]+");
  private static final Pattern BRACKET =
      Pattern.compile("\\[(?:\\*|(\\d{1,9})|'([^']+)'|\"([^\"]+)\")\\]");

  private final List<Segment> segments;
  private final long end;

  private JsonPath(List<Segment> segments) {
    this.segments = List.copyOf(segments);
    this.end = 1L << segments.size();
  }

  /** One step of the path; without a name and with a negative index, it takes any. */
  private record Segment(boolean deep, String name, int index) {

    boolean accepts(String stepName, int stepIndex) {
      return name.isEmpty() ? index < 0 || index == stepIndex : name.equals(stepName);
    }
  }

  /**
   * Reads a path such as {@code $.user.password}, {@code $..token}, {@code $.items[*].owner}.
   *
   * @throws IllegalArgumentException if it is none, or has filters, slices or the like; quotes it
   */
  static JsonPath parse(String path) {
    List<Segment> segments = new ArrayList<>();
    int at = path.startsWith("$") && path.length() > 1 ? 1 : -1;
    while (at > 0 && at < path.length()) {
      at = parseSegment(path, at, segments);
    }
    if (at < 0 || segments.size() > MOST_SEGMENTS) {
      throw new IllegalArgumentException(
          "not a JSON path of names, [n], * and .. from the root $: '" + path + "'");
    }
    return new JsonPath(segments);
  }

  /** Adds the segment that starts here; tells where the next one does, or -1. */
  private static int parseSegment(String path, int from, List<Segment> segments) {
    boolean deep = path.startsWith("..", from);
    boolean dot = path.charAt(from) == '.';
    int start = from + (deep ? 2 : dot ? 1 : 0);
    if (start == path.length()) {
      return -1;
    }
    if (path.charAt(start) == '[') {
      return deep || !dot ? parseBracket(path, start, deep, segments) : -1;
    }
    int end = start;
    while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
      end++;
    }
    String name = path.substring(start, end);
    if (!dot || !NAME.matcher(name).matches()) {
      return -1;
    }
    segments.add(name.equals("*") ? new Segment(deep, "", -1) : new Segment(deep, name, -1));
    return end;
  }

  private static int parseBracket(String path, int open, boolean deep, List<Segment> segments) {
    Matcher bracket = BRACKET.matcher(path).region(open, path.length());
    if (!bracket.lookingAt()) {
      return -1;
    }
    String index = bracket.group(1);
    String name = bracket.group(2) != null ? bracket.group(2) : bracket.group(3);
    segments.add(
        new Segment(deep, name == null ? "" : name, index == null ? -1 : Integer.parseInt(index)));
    return bracket.end();
  }

  /** Before the first step: nothing was followed. */
  static long start() {
    return 1;
  }

  /** How far the path leads after one more step: to a field. */
  long field(long reached, String name) {
    return step(reached, name, -2);
  }

  /** How far the path leads after one more step: to an element. */
  long element(long reached, int index) {
    return step(reached, "", index);
  }

  boolean isEnd(long reached) {
    return (reached & end) != 0;
  }

  private long step(long reached, String name, int index) {
    long next = 0;
    for (int i = 0; i < segments.size(); i++) {
      if ((reached & 1L << i) != 0) {
        Segment segment = segments.get(i);
        if (segment.accepts(name, index)) {
          next |= 1L << i + 1;
        }
        if (segment.deep) {
          next |= 1L << i;
        }
      }
    }
    return next;
  }
}
