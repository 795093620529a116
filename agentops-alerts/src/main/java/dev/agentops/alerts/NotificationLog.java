package dev.agentops.alerts;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each receiver was told last of each group, and so whether it must be told again; outlives
 * the groups, as Alertmanager's notification log. Bounded: what was told longest ago is forgotten
 * first, and then may be told twice. Not thread-safe.
 */
final class NotificationLog {

  private static final int MAX_FINGERPRINTS = 1_000_000;

  private final int capacity;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long fingerprints;

  NotificationLog(int capacity) {
    this.capacity = capacity;
  }

  /** Whether there is news in what fires and what is resolved now. */
  boolean needs(
      String key,
      Set<Long> firing,
      Set<Long> resolved,
      boolean sendResolved,
      long nowNanos,
      long repeatNanos) {
    Entry last = entries.get(key);
    if (last == null) {
      return !firing.isEmpty();
    }
    if (!last.firing.containsAll(firing)) {
      return true;
    }
    if (firing.isEmpty()) {
      return !last.firing.isEmpty();
    }
    if (sendResolved && !last.resolved.containsAll(resolved)) {
      return true;
    }
    return nowNanos - last.nanos >= repeatNanos;
  }

  void told(String key, Set<Long> firing, Set<Long> resolved, long nowNanos, long keepNanos) {
    remove(key);
    Entry entry = new Entry(Set.copyOf(firing), Set.copyOf(resolved), nowNanos, keepNanos);
    entries.put(key, entry);
    fingerprints += entry.size();
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() > capacity || fingerprints > MAX_FINGERPRINTS) {
      fingerprints -= oldest.next().size();
      oldest.remove();
    }
  }

  /** When this was told last; null if it was not. */
  @Nullable Long toldNanos(String key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.nanos;
  }

  void forgetOld(long nowNanos) {
    entries
        .values()
        .removeIf(
            entry -> {
              boolean old = nowNanos - entry.nanos > entry.keepNanos;
              fingerprints -= old ? entry.size() : 0;
              return old;
            });
  }

  private void remove(String key) {
    Entry before = entries.remove(key);
    fingerprints -= before == null ? 0 : before.size();
  }

  private record Entry(Set<Long> firing, Set<Long> resolved, long nanos, long keepNanos) {

    int size() {
      return firing.size() + resolved.size();
    }
  }
}
