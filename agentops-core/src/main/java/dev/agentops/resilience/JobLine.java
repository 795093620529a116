package dev.agentops.resilience;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait: the highest priority first, inside of one priority a job of each key in turn,
 * inside of one key as they came. Not thread-safe.
 */
final class JobLine {

  private final NavigableMap<Integer, Lane> lanes = new TreeMap<>();
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(QueuedJob<?> job) {
    lanes.computeIfAbsent(job.job().priority(), priority -> new Lane()).add(job);
    size++;
  }

  /** Takes the next out; null where none waits. */
  @Nullable QueuedJob<?> poll() {
    Map.Entry<Integer, Lane> highest = lanes.lastEntry();
    if (highest == null) {
      return null;
    }
    QueuedJob<?> next = highest.getValue().next();
    remove(next);
    return next;
  }

  /** Takes one out; false where it is not here. */
  boolean remove(QueuedJob<?> job) {
    Lane lane = lanes.get(job.job().priority());
    if (lane == null || !lane.remove(job)) {
      return false;
    }
    if (lane.byAge.isEmpty()) {
      lanes.remove(job.job().priority());
    }
    size--;
    return true;
  }

  /** Who has to go for the one that comes; null if that one itself has to. */
  @Nullable QueuedJob<?> victim(ShedPolicy policy, QueuedJob<?> coming) {
    Map.Entry<Integer, Lane> lowest = lanes.firstEntry();
    if (lowest == null) {
      return null;
    }
    int priority = coming.job().priority();
    return switch (policy) {
      case REJECT_NEWEST -> null;
      case DROP_OLDEST -> lowest.getKey() > priority ? null : lowest.getValue().oldest();
      case DROP_LOWEST_PRIORITY ->
          lowest.getKey() >= priority ? null : lowest.getValue().youngest();
    };
  }

  /** Takes all out, in their order. */
  List<QueuedJob<?>> clear() {
    List<QueuedJob<?>> all = new ArrayList<>();
    for (QueuedJob<?> next = poll(); next != null; next = poll()) {
      all.add(next);
    }
    return all;
  }

  /** Those of one priority. */
  private static final class Lane {

    private final NavigableMap<Long, QueuedJob<?>> byAge = new TreeMap<>();
    private final LinkedHashMap<String, LinkedHashSet<QueuedJob<?>>> byKey = new LinkedHashMap<>();

    void add(QueuedJob<?> job) {
      byAge.put(job.number, job);
      byKey.computeIfAbsent(job.job().key(), key -> new LinkedHashSet<>()).add(job);
    }

    /** The first of the key whose turn it is, which then goes to the end of the keys. */
    QueuedJob<?> next() {
      Map.Entry<String, LinkedHashSet<QueuedJob<?>>> turn = byKey.entrySet().iterator().next();
      byKey.remove(turn.getKey());
      byKey.put(turn.getKey(), turn.getValue());
      return turn.getValue().iterator().next();
    }

    boolean remove(QueuedJob<?> job) {
      if (byAge.remove(job.number) == null) {
        return false;
      }
      LinkedHashSet<QueuedJob<?>> ofKey = byKey.get(job.job().key());
      if (ofKey != null && ofKey.remove(job) && ofKey.isEmpty()) {
        byKey.remove(job.job().key());
      }
      return true;
    }

    QueuedJob<?> oldest() {
      return byAge.firstEntry().getValue();
    }

    QueuedJob<?> youngest() {
      return byAge.lastEntry().getValue();
    }
  }
}
