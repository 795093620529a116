package dev.agentops.cache;

import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The levels behind the local one, the nearest first. Thread-safe; never throws. */
final class RemoteLevels<V> {

  /** What stands for the refresh of a key follows it; no prefix but its own begins so. */
  private static final String REFRESH = "\u0000refresh";

  private final List<RemoteLevel<V>> levels;
  private final EntryFormat<V> format;
  private final FaultLog faults;

  /** The one whose store decides who loads; -1 where none does. */
  private final int leasing;

  RemoteLevels(List<RemoteLevel<V>> levels, EntryFormat<V> format, FaultLog faults) {
    this.levels = List.copyOf(levels);
    this.format = format;
    this.faults = faults;
    int first = 0;
    while (first < levels.size() && !levels.get(first).leases()) {
      first++;
    }
    this.leasing = first == levels.size() ? -1 : first;
  }

  boolean isEmpty() {
    return levels.isEmpty();
  }

  boolean leases() {
    return leasing >= 0;
  }

  /**
   * Tells of others' changes, with the level that tells.
   *
   * <p>What others changed before is not told: levels that are nearer than one that processes share
   * forget what they have.
   */
  void listen(ObjIntConsumer<StoreChange> listener) {
    for (int i = 0; i < levels.size(); i++) {
      int level = i;
      levels
          .get(i)
          .listen(
              new CacheStore.Listener() {
                @Override
                public void changed(String key) {
                  listener.accept(StoreChange.key(key), level);
                }

                @Override
                public void changedAll() {
                  listener.accept(StoreChange.EVERYTHING, level);
                }

                @Override
                public void changedByTag(String tag) {
                  listener.accept(StoreChange.tag(tag), level);
                }

                @Override
                public void changedByPrefix(String prefix) {
                  listener.accept(StoreChange.prefix(prefix), level);
                }
              });
      if (levels.get(i).leases()) {
        forgetNearer(i, StoreChange.EVERYTHING);
      }
    }
  }

  /** The nearest entry of a key that is good enough, else the nearest at all. */
  @Nullable Find<V> find(String key, Predicate<Found<V>> good) {
    Find<V> other = null;
    for (int i = 0; i < levels.size(); i++) {
      Found<V> found = levels.get(i).find(key);
      if (found != null && good.test(found)) {
        return new Find<>(found, i, levels.get(i).name());
      }
      if (found != null && other == null) {
        other = new Find<>(found, i, levels.get(i).name());
      }
    }
    return other;
  }

  /** The nearest good entries of these keys. */
  Map<String, Find<V>> findAll(Collection<String> keys, Predicate<Found<V>> good) {
    List<String> missing = new ArrayList<>(keys);
    Map<String, Find<V>> all = new HashMap<>();
    for (int i = 0; i < levels.size() && !missing.isEmpty(); i++) {
      int level = i;
      levels
          .get(i)
          .findAll(missing)
          .forEach(
              (key, found) -> {
                if (good.test(found)) {
                  all.put(key, new Find<>(found, level, levels.get(level).name()));
                }
              });
      missing.removeIf(all::containsKey);
    }
    return all;
  }

  /**
   * Looks for a key, and asks for the right to load it if there is nothing good.
   *
   * @param first whether it is to be counted: a lookup may ask again and again
   */
  Lookup<V> claim(String key, Duration duration, Predicate<Found<V>> good, boolean first) {
    Find<V> other = null;
    Lease<V> lease = null;
    for (int i = 0; i < levels.size(); i++) {
      RemoteLevel<V> level = levels.get(i);
      Found<V> found;
      Duration heldFor = Duration.ZERO;
      if (i == leasing) {
        RemoteLevel.Claimed<V> claimed = level.claim(key, duration, first);
        found = claimed == null ? null : claimed.found();
        String leasedKey = key;
        // what is there cannot be leased, be it old or of another shape
        if (found == null ? claimed != null && claimed.isOccupied() : !good.test(found)) {
          leasedKey = CacheKeys.of(key + REFRESH + level.shape());
          claimed = level.claim(leasedKey, duration, false);
          if (claimed != null && claimed.token() != null) { // perhaps of a load that has just ended
            found = level.find(key, false);
          }
        }
        if (claimed != null && claimed.token() != null) {
          lease = new Lease<>(level, leasedKey, claimed.token());
        }
        heldFor = claimed == null ? Duration.ZERO : claimed.retryAfter();
      } else {
        found = level.find(key, first);
      }
      if (found != null && good.test(found)) {
        release(lease);
        return Lookup.found(new Find<>(found, i, level.name()));
      }
      if (found != null && other == null) {
        other = new Find<>(found, i, level.name());
      }
      if (!heldFor.isZero()) {
        return Lookup.held(other, heldFor);
      }
    }
    return Lookup.load(other, lease);
  }

  /** Copies a value to the levels that are nearer than the one where it was found. */
  void promote(String key, Find<V> find) {
    levels.subList(0, find.level).forEach(nearer -> nearer.put(key, find.found.sealed()));
  }

  /** Makes the levels that are nearer than this one forget something. */
  void forgetNearer(int level, StoreChange change) {
    levels.subList(0, level).forEach(nearer -> nearer.forget(change));
  }

  /** Keeps a value, or that there is none (null), in every level; else sees that none has it. */
  void put(String key, @Nullable V value, Set<String> tags, Lifetime life) {
    SealedEntry entry = seal(value, tags, life);
    levels.forEach(entry == null ? level -> level.delete(key) : level -> level.put(key, entry));
  }

  /**
   * The same for a loaded value, by who has the lease, which ends.
   *
   * @return false, and nothing is kept, if the store knows that the key was changed meanwhile
   */
  boolean putAndRelease(
      String key, @Nullable V value, Set<String> tags, Lifetime life, @Nullable Lease<V> lease) {
    SealedEntry entry = seal(value, tags, life);
    if (entry == null) {
      delete(key); // which ends the lease of the key itself
      release(lease);
      return true;
    }
    if (lease == null || !lease.fences(key)) {
      levels.forEach(level -> level.putBeside(key, entry));
      release(lease);
      return true;
    }
    if (lease.level().putAndRelease(key, lease.token(), entry) == RemoteLevel.Kept.OVERTAKEN) {
      return false;
    }
    for (RemoteLevel<V> level : levels) {
      if (level != lease.level()) {
        level.putBeside(key, entry);
      }
    }
    return true;
  }

  void delete(String key) {
    forget(StoreChange.key(key));
  }

  /** Makes all levels forget something. */
  void forget(StoreChange change) {
    levels.forEach(level -> level.forget(change));
  }

  void close() {
    levels.forEach(RemoteLevel::close);
  }

  void stats(Consumer<CacheStats.Level> consumer) {
    levels.forEach(level -> consumer.accept(level.stats()));
  }

  private static <V> void release(@Nullable Lease<V> lease) {
    if (lease != null) {
      lease.release();
    }
  }

  private @Nullable SealedEntry seal(@Nullable V value, Set<String> tags, Lifetime life) {
    if (isEmpty()) {
      return null;
    }
    try {
      return format.seal(value, tags, life.fresh(), Duration.ofNanos(life.staleNanos()));
    } catch (Throwable t) {
      faults.report("encoding a value", t);
      return null;
    }
  }

  /**
   * What was found, and where.
   *
   * @param level its place, the nearest is 0
   */
  record Find<V>(Found<V> found, int level, String levelName) {}
}
