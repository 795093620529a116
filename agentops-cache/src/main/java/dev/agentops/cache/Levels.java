package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * All levels of a cache, kept coherent: no value enters the local level that was read, loaded or
 * written while its key was changed by somebody else. Thread-safe.
 *
 * <p>A change first counts (in {@link Watches}), then goes to the stores, then counts again, and
 * then goes to the local level; a reader looks at the count before it asks a store, and again at
 * the moment when it keeps the answer. So whoever asked before the change was over either sees that
 * it was, or has kept its answer where the change removes it. Changes of others count when they are
 * heard, before they remove: no lock is held while a store is asked that a listener would need.
 */
final class Levels<V> {

  private final Clock clock;
  private final LocalLevel<V> local;
  private final RemoteLevels<V> remotes;
  private final Watches watches = new Watches();
  private final double refreshAhead;
  private final ToLongFunction<? super V> weigher;
  private final FaultLog faults;
  private final Executor workers;

  /**
   * @param refreshAhead the share of a value's time after which it is to be refreshed
   * @param weigher the bytes of a value
   * @param workers for what a listener must not do itself; may reject
   */
  Levels(
      Clock clock,
      LocalLevel<V> local,
      RemoteLevels<V> remotes,
      double refreshAhead,
      ToLongFunction<? super V> weigher,
      FaultLog faults,
      Executor workers) {
    this.clock = clock;
    this.local = local;
    this.remotes = remotes;
    this.refreshAhead = refreshAhead;
    this.weigher = weigher;
    this.faults = faults;
    this.workers = workers;
    remotes.listen(this::changedElsewhere);
  }

  LocalLevel<V> local() {
    return local;
  }

  RemoteLevels<V> remotes() {
    return remotes;
  }

  Watches.Watch watch(String key) {
    return watches.open(key);
  }

  /** Looks behind the local level, and copies what it finds to the levels before it. */
  RemoteLevels.@Nullable Find<V> find(String key, Predicate<Found<V>> good) {
    if (remotes.isEmpty()) {
      return null;
    }
    return watches.watching(
        key,
        watch -> {
          long stamp = watch.stamp();
          RemoteLevels.Find<V> find = remotes.find(key, good);
          if (find != null) {
            LocalEntry<V> unused = promote(key, find, watch, stamp);
          }
          return find;
        });
  }

  /** The same for many keys, of which only good values are found. */
  Map<String, V> findAll(Collection<String> keys, Predicate<Found<V>> good) {
    Map<String, V> values = new HashMap<>();
    if (remotes.isEmpty() || keys.isEmpty()) {
      return values;
    }
    Map<String, Watches.Watch> open = new HashMap<>();
    Map<String, Long> stamps = new HashMap<>();
    try {
      for (String key : keys) {
        Watches.Watch watch = watches.open(key);
        open.put(key, watch);
        stamps.put(key, watch.stamp());
      }
      remotes
          .findAll(keys, good)
          .forEach(
              (key, find) -> {
                V value = find.found().value();
                Watches.Watch watch = open.get(key);
                Long stamp = stamps.get(key);
                if (value != null && watch != null && stamp != null) {
                  LocalEntry<V> unused = promote(key, find, watch, stamp);
                  values.put(key, value);
                }
              });
    } finally {
      open.values().forEach(Watches.Watch::close);
    }
    return values;
  }

  /**
   * Copies what was found to the levels before it, unless the key was changed since the stamp.
   *
   * @return the entry for the local level, whether or not it is there
   */
  LocalEntry<V> promote(String key, RemoteLevels.Find<V> find, Watches.Watch watch, long stamp) {
    LocalEntry<V> entry = entry(find.found());
    LocalEntry<V> present = local.peek(key);
    if (present != null) {
      entry.heldOffAs(present);
    }
    boolean kept = local.putIf(() -> watch.stamp() == stamp, key, entry);
    if (kept && find.level() > 0) {
      remotes.promote(key, find);
      if (watch.stamp() != stamp) { // ours may be the older value
        remotes.forgetNearer(find.level(), StoreChange.key(key));
      }
    }
    return entry;
  }

  /** Keeps a value, or that there is none (null), in every level. */
  void put(String key, @Nullable V value, Set<String> tags, Lifetime life) {
    change(
        key,
        (watch, before) -> {
          remotes.put(key, value, tags, life);
          long after = watch.change();
          LocalEntry<V> entry = entry(value, Duration.ZERO, life, tags);
          if (after != before + 1 || !local.putIf(() -> watch.stamp() == after, key, entry)) {
            local.remove(key);
          }
        });
  }

  /** Keeps what a flight loaded, unless the key was changed since it began. The lease ends. */
  void land(
      Flight<V> flight, String key, Loaded<V> loaded, Lifetime life, @Nullable Lease<V> lease) {
    flight
        .watch()
        .writing(
            () -> {
              if (!flight.change()) {
                if (lease != null) {
                  lease.release();
                }
                return;
              }
              boolean stored =
                  remotes.putAndRelease(key, loaded.value(), loaded.tags(), life, lease);
              boolean alone = flight.change();
              if (stored && !alone) { // changed by another, perhaps before it was put
                remotes.delete(key);
              }
              if (!stored || !alone || !keep(flight, key, loaded, life)) {
                local.remove(key);
              }
            });
  }

  private boolean keep(Flight<V> flight, String key, Loaded<V> loaded, Lifetime life) {
    LocalEntry<V> entry = entry(loaded.value(), Duration.ZERO, life, loaded.tags());
    return local.putIf(() -> flight.watch().stamp() == flight.stamp(), key, entry);
  }

  void remove(String key) {
    change(
        key,
        (watch, before) -> {
          remotes.delete(key);
          watch.change();
          local.remove(key);
        });
  }

  void removeByPrefix(String prefix) {
    changeMany(StoreChange.prefix(prefix));
  }

  void removeByTag(String tag) {
    changeMany(StoreChange.tag(tag));
  }

  void removeAll() {
    changeMany(StoreChange.EVERYTHING);
  }

  void close() {
    remotes.close();
    local.clear();
  }

  private void change(String key, Change change) {
    Watches.Watch watch = watches.open(key);
    try {
      watch.writing(() -> change.run(watch, watch.change()));
    } finally {
      watch.close();
    }
  }

  private void changeMany(StoreChange change) {
    watches.changedAll();
    remotes.forget(change);
    watches.changedAll();
    local.remove(change);
  }

  private void changedElsewhere(StoreChange change, int level) {
    heard(change);
    if (level > 0) { // the stores before it may have the old value, and reading them keeps it
      try {
        workers.execute(
            () -> {
              remotes.forgetNearer(level, change);
              heard(change);
            });
      } catch (RejectedExecutionException e) {
        // closed, or so busy that the stores before it are behind for their entries' time
      }
    }
  }

  private void heard(StoreChange change) {
    if (change.kind() == StoreChange.Kind.KEY) {
      watches.changed(change.what());
    } else {
      watches.changedAll();
    }
    local.removeSoon(change);
  }

  /** As the local level keeps what was found. */
  LocalEntry<V> entry(Found<V> found) {
    long fresh = Clock.nanos(found.remaining().abs());
    long signed = found.remaining().isNegative() ? -fresh : fresh;
    long keep = Math.min(Clock.nanos(found.keepFor()), Lifetime.LONGEST_NANOS);
    Lifetime left = new Lifetime(Math.min(signed, keep), Math.max(0, keep - signed));
    return entry(found.value(), found.age(), left, found.tags());
  }

  private LocalEntry<V> entry(@Nullable V value, Duration age, Lifetime left, Set<String> tags) {
    long now = clock.nanoTime();
    return new LocalEntry<>(value, now, age, left, refreshAhead, tags, weigh(value));
  }

  private long weigh(@Nullable V value) {
    try {
      return value == null ? 0 : Math.max(0, weigher.applyAsLong(value));
    } catch (Throwable t) {
      faults.report("the weigher of a cache", t);
      return 0;
    }
  }

  private interface Change {

    /** To be run while nobody else of this process writes the key. */
    void run(Watches.Watch watch, long before);
  }
}
