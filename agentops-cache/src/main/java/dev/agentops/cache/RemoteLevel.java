package dev.agentops.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One {@link CacheStore}, made harmless: whatever it throws is counted and keeps callers away from
 * it for a while, and no bytes of it are trusted. Keys are those of {@link CacheKeys#of}.
 * Thread-safe; never throws.
 */
final class RemoteLevel<V> {

  private static final byte[] SIGNAL = {1};
  private static final Duration SIGNAL_LIFETIME = Duration.ofMinutes(1); // were it not deleted

  private final CacheStore store;
  private final String name;
  private final EntryFormat<V> format;
  private final StoreWatch watch;
  private final StoreCircuit circuit;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder undecodable = new LongAdder();
  private final LongAdder tooLarge = new LongAdder();

  RemoteLevel(CacheStore store, EntryFormat<V> format, StoreWatch watch) {
    this.store = store;
    this.name = store.name();
    this.format = format;
    this.watch = watch;
    this.circuit = new StoreCircuit(store, name, watch);
  }

  String name() {
    return name;
  }

  /** Whether it is asked, rather than left alone because it failed. */
  boolean available() {
    return circuit.available();
  }

  /** Whether it can let one of all processes load a key. */
  boolean leases() {
    return store instanceof LeasingCacheStore;
  }

  /** Tells of changes that others make. Called once, before anything else. */
  void listen(CacheStore.Listener listener) {
    circuit.ask(
        "listen",
        () -> {
          store.listen(listener);
          return true;
        });
  }

  /** What names the shape of its values. */
  String shape() {
    return format.shape();
  }

  /** What the store has under a key, which may be stale; null where there is nothing. */
  @Nullable Found<V> find(String key) {
    return find(key, true);
  }

  /** The same, counted only if it is the first time that a lookup comes. */
  @Nullable Found<V> find(String key, boolean first) {
    byte[] bytes = read(key);
    return counted(bytes == null ? null : open(key, bytes), first);
  }

  /** The same for many keys at once; those where there is nothing are left out. */
  Map<String, Found<V>> findAll(Collection<String> keys) {
    return findAll(keys, unknown -> {});
  }

  /**
   * The same.
   *
   * @param unknown is given the keys of which the store could not be asked, because it failed, is
   *     away, or has yet to forget something that may be there
   */
  Map<String, Found<V>> findAll(Collection<String> keys, Consumer<String> unknown) {
    List<String> asked = keys.stream().filter(key -> !circuit.mayBeOutdated(key)).toList();
    Map<String, byte[]> bytes =
        asked.isEmpty() ? null : circuit.ask("getAll", () -> Map.copyOf(store.getAll(asked)));
    Set<String> answered = bytes == null ? Set.of() : Set.copyOf(asked);
    Map<String, Found<V>> all = new HashMap<>();
    for (String key : keys) {
      if (!answered.contains(key)) {
        unknown.accept(key);
      }
      byte[] found = bytes == null ? null : bytes.get(key);
      Found<V> entry = counted(found == null ? null : open(key, found), true);
      if (entry != null) {
        all.put(key, entry);
      }
    }
    return all;
  }

  /** One page of its keys, none where it cannot tell them; null where it failed or is away. */
  CacheStore.@Nullable KeyPage keys(String prefix, String cursor) {
    return circuit.ask(
        "keys",
        () -> {
          try {
            return store.keys(prefix, cursor);
          } catch (UnsupportedOperationException e) {
            watch.faults().report(watch.subject("telling the keys of", name), e);
            return new CacheStore.KeyPage(List.of(), Optional.empty());
          }
        });
  }

  /** Keeps an entry, or sees to it that an older one is not found in its place. */
  void put(String key, SealedEntry entry) {
    byte[] bytes = fitting(key, entry);
    if (bytes == null) {
      return;
    }
    Boolean kept =
        circuit.write(
            "put",
            key,
            () -> {
              store.put(key, bytes, entry.keepFor(), entry.tags());
              return true;
            });
    if (kept != null) {
      puts.increment();
    }
  }

  /** The same for a loaded value, which leaves those of other shapes where they are. */
  void putBeside(String key, SealedEntry entry) {
    byte[] there = entry.tooLarge() ? null : read(key);
    put(key, there == null ? entry : format.beside(entry, there));
  }

  void delete(String key) {
    forget(StoreChange.key(key));
  }

  void deleteByPrefix(String prefix) {
    forget(StoreChange.prefix(prefix));
  }

  void deleteByTag(String tag) {
    forget(StoreChange.tag(tag));
  }

  void clear() {
    forget(StoreChange.EVERYTHING);
  }

  void forget(StoreChange change) {
    circuit.forget(change);
  }

  /** Lets those who listen hear of a key, under which nothing is left. */
  void signal(String key) {
    circuit.ask(
        "put",
        () -> {
          store.put(key, SIGNAL, SIGNAL_LIFETIME, Set.of());
          store.delete(key);
          return true;
        });
  }

  /**
   * Asks for a key and for the right to load it in one request.
   *
   * @param first whether it is to be counted: a lookup may ask again and again
   * @return null where the store has no say: it does not lease, or is away
   */
  @Nullable Claimed<V> claim(String key, Duration lease, boolean first) {
    if (!(store instanceof LeasingCacheStore leasing) || circuit.mayBeOutdated(key)) {
      return null;
    }
    Claimed<V> claimed = claim(leasing, key, lease, first);
    // what could not be read is deleted by now, or it is of another shape
    return claimed != null && claimed.isOccupied() ? claim(leasing, key, lease, false) : claimed;
  }

  /** Lets a lease last longer; false only if it is sure that it has ended. */
  boolean renew(String key, String token, Duration lease) {
    if (!(store instanceof LeasingCacheStore leasing)) {
      return false;
    }
    Boolean renewed = circuit.ask("renew", () -> leasing.renew(key, token, lease));
    return renewed == null || renewed;
  }

  /** As {@link #put}, by the one who has the lease, which ends. */
  Kept putAndRelease(String key, String token, SealedEntry entry) {
    byte[] bytes = fitting(key, entry);
    if (bytes == null || !(store instanceof LeasingCacheStore leasing)) {
      return Kept.NOWHERE;
    }
    Boolean kept =
        circuit.write(
            "putAndRelease",
            key,
            () -> leasing.putAndRelease(key, token, bytes, entry.keepFor(), entry.tags()));
    if (kept == null) {
      return Kept.NOWHERE;
    }
    if (!kept) {
      return Kept.OVERTAKEN;
    }
    puts.increment();
    return Kept.YES;
  }

  /** Ends a lease without a value, now or when the store is back. */
  void release(String key, String token) {
    circuit.forget(StoreChange.lease(key, token));
  }

  void close() {
    circuit.close();
  }

  CacheStats.Level stats() {
    return CacheStats.Level.builder(name)
        .hitCount(hits.sum())
        .missCount(misses.sum())
        .putCount(puts.sum())
        .failureCount(circuit.failureCount())
        .refusalCount(circuit.refusalCount())
        .undecodableCount(undecodable.sum())
        .tooLargeCount(tooLarge.sum())
        .away(!circuit.available())
        .pendingChanges(circuit.pendingChanges())
        .build();
  }

  private byte @Nullable [] read(String key) {
    Optional<byte[]> bytes =
        circuit.mayBeOutdated(key) ? null : circuit.ask("get", () -> store.get(key));
    return bytes == null ? null : bytes.orElse(null);
  }

  private @Nullable Claimed<V> claim(
      LeasingCacheStore leasing, String key, Duration lease, boolean first) {
    String token = UUID.randomUUID().toString();
    LeasingCacheStore.Claim claim =
        circuit.ask("claim", StoreChange.lease(key, token), () -> leasing.claim(key, token, lease));
    if (claim == null) {
      if (first) {
        misses.increment();
      }
      return null;
    }
    Found<V> found = counted(claim.value().map(bytes -> open(key, bytes)).orElse(null), first);
    return new Claimed<>(found, claim.token().orElse(null), claim.retryAfter());
  }

  private byte @Nullable [] fitting(String key, SealedEntry entry) {
    if (entry.tooLarge()) {
      tooLarge.increment();
      delete(key);
    }
    return entry.bytes();
  }

  private @Nullable Found<V> counted(@Nullable Found<V> found, boolean first) {
    if (first) {
      (found == null ? misses : hits).increment();
    }
    return found;
  }

  private @Nullable Found<V> open(String key, byte[] bytes) {
    try {
      return format.open(bytes);
    } catch (Throwable t) {
      undecodable.increment();
      watch.faults().report(watch.subject("decoding a value of", name), t);
      delete(key);
      return null;
    }
  }

  /** Whether what was put with a lease is in the store. */
  enum Kept {
    YES,
    /** No: the lease has ended, and the key may have been changed: the value may be old. */
    OVERTAKEN,
    /** No: the store is away, or it does not take this value. */
    NOWHERE
  }

  /**
   * What a claim came to: one of the three, or none of them where a value of another shape is in
   * the way.
   *
   * @param found what is there
   * @param token of the lease, if the caller is to load
   * @param retryAfter how long the lease of another process lasts yet, else zero
   */
  record Claimed<V>(@Nullable Found<V> found, @Nullable String token, Duration retryAfter) {

    boolean isOccupied() {
      return found == null && token == null && retryAfter.isZero();
    }
  }
}
