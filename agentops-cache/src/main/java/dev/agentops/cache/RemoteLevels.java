package dev.agentops.cache;

import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The levels behind the local one, the nearest first. Thread-safe; never throws. */
final class RemoteLevels<V> {

  private final List<RemoteLevel<V>> levels;
  private final EntryFormat<V> format;
  private final FaultLog faults;

  RemoteLevels(List<RemoteLevel<V>> levels, EntryFormat<V> format, FaultLog faults) {
    this.levels = List.copyOf(levels);
    this.format = format;
    this.faults = faults;
  }

  boolean isEmpty() {
    return levels.isEmpty();
  }

  @Nullable Find<V> find(String key) {
    for (int i = 0; i < levels.size(); i++) {
      Found<V> found = levels.get(i).find(key);
      if (found != null) {
        return new Find<>(found, i);
      }
    }
    return null;
  }

  /** Copies a value to the levels that are nearer than the one where it was found. */
  void promote(String key, Find<V> find) {
    for (RemoteLevel<V> nearer : levels.subList(0, find.level)) {
      nearer.put(key, find.found.sealed());
    }
  }

  /** Takes {@link #promote} back. */
  void withdraw(String key, Find<V> find) {
    levels.subList(0, find.level).forEach(nearer -> nearer.delete(key));
  }

  /** Keeps a value in every level; one that does not encode is deleted instead. */
  void put(String key, V value, Duration timeToLive) {
    if (isEmpty()) {
      return;
    }
    SealedEntry entry;
    try {
      entry = format.seal(value, Set.of(), timeToLive, Duration.ZERO);
    } catch (Throwable t) {
      faults.report("encoding a value", t);
      delete(key);
      return;
    }
    levels.forEach(level -> level.put(key, entry));
  }

  void delete(String key) {
    levels.forEach(level -> level.delete(key));
  }

  void clear() {
    levels.forEach(RemoteLevel::clear);
  }

  void close() {
    levels.forEach(RemoteLevel::close);
  }

  List<CacheStats.Level> stats() {
    return levels.stream().map(RemoteLevel::stats).toList();
  }

  /** What was found, and in which level. */
  record Find<V>(Found<V> found, int level) {

    V value() {
      return Objects.requireNonNull(found.value(), "nothing absent is put yet");
    }

    Duration remaining() {
      return found.remaining();
    }
  }
}
