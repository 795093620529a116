package dev.agentops.cache;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was invalidated last, and in what order, so that an answer that was begun before is not kept
 * after. Of the {@value #MAXIMUM} last things invalidated each is known by itself; an answer that
 * was begun before those is not kept, whatever it is about. Thread-safe.
 */
final class Invalidations {

  /** Everything. */
  static final String ALL = SemanticPartition.hash("all");

  private static final int MAXIMUM = 10_000;

  private final Map<String, Long> last = new LinkedHashMap<>();
  private long count;

  /** Up to which nothing is known of single things. */
  private long forgotten;

  static String ofScope(String scope) {
    return SemanticPartition.hash("scope " + scope);
  }

  static String ofTag(String tag) {
    return SemanticPartition.hash("tag " + tag);
  }

  static String ofEntry(String id) {
    return SemanticPartition.hash("entry " + id);
  }

  /** A moment, for {@link #since}. */
  synchronized long now() {
    return count;
  }

  synchronized void add(String what) {
    last.remove(what);
    last.put(what, ++count);
    if (last.size() > MAXIMUM) {
      String first = last.keySet().iterator().next();
      forgotten = Math.max(forgotten, last.getOrDefault(first, count));
      last.remove(first);
    }
  }

  /** Whether any of these things was invalidated after a moment. */
  synchronized boolean since(long moment, List<String> things) {
    return moment < forgotten
        || things.stream().anyMatch(each -> last.getOrDefault(each, 0L) > moment);
  }
}
