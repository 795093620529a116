package dev.agentops.cache;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Entries in the order in which they are to go: the oldest first, except that one that was found
 * since it came to the front goes to the end once more. That is nearly least recently used, and
 * costs a reader nothing but a mark. Not thread-safe.
 */
final class SecondChance<V> {

  /** Each with the mark that it had when it was placed. */
  private final Map<SemanticEntry<V>, Long> entries = new LinkedHashMap<>();

  void add(SemanticEntry<V> entry) {
    entries.put(entry, entry.usedAt);
  }

  void remove(SemanticEntry<V> entry) {
    entries.remove(entry);
  }

  int size() {
    return entries.size();
  }

  /** The one that is to go; it stays here until it is removed. */
  SemanticEntry<V> next() {
    while (true) {
      Iterator<Map.Entry<SemanticEntry<V>, Long>> all = entries.entrySet().iterator();
      Map.Entry<SemanticEntry<V>, Long> first = all.next();
      SemanticEntry<V> entry = first.getKey();
      if (entry.usedAt == first.getValue()) {
        return entry;
      }
      all.remove();
      add(entry);
    }
  }
}
