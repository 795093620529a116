package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One {@link CacheStore}, made harmless: whatever it throws is counted, and no bytes of it are
 * trusted. Thread-safe; never throws.
 */
final class RemoteLevel<V> {

  private final CacheStore store;
  private final String name;
  private final Codec<V> codec;
  private final long maximumValueBytes;
  private final Clock clock;
  private final FaultLog faults;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder undecodable = new LongAdder();
  private final LongAdder tooLarge = new LongAdder();

  RemoteLevel(
      CacheStore store, Codec<V> codec, long maximumValueBytes, Clock clock, FaultLog faults) {
    this.store = store;
    this.name = store.name();
    this.codec = codec;
    this.maximumValueBytes = maximumValueBytes;
    this.clock = clock;
    this.faults = faults;
  }

  @Nullable Found<V> find(String key) {
    Found<V> found = read(key);
    (found == null ? misses : hits).increment();
    return found;
  }

  /** Keeps a payload, or sees to it that an older one is not found in its place. */
  void put(String key, byte[] payload, Duration timeToLive) {
    if (payload.length > maximumValueBytes) {
      tooLarge.increment();
      delete(key);
      return;
    }
    byte[] bytes = new Envelope(payload, clock.now(), timeToLive).seal();
    if (!attempt("put", () -> store.put(key, bytes, timeToLive, Set.of()))) {
      delete(key);
    }
  }

  void delete(String key) {
    attempt("delete", () -> store.delete(key));
  }

  void clear() {
    attempt("clear", store::clear);
  }

  void close() {
    attempt("close", store::close);
  }

  CacheStats.Level stats() {
    return new CacheStats.Level(
        name, hits.sum(), misses.sum(), failures.sum(), undecodable.sum(), tooLarge.sum());
  }

  private @Nullable Found<V> read(String key) {
    Optional<byte[]> bytes;
    try {
      bytes = store.get(key);
      if (bytes.isEmpty()) {
        return null;
      }
    } catch (Throwable t) {
      failed("get", t);
      return null;
    }
    Envelope envelope = Envelope.open(bytes.get());
    if (envelope == null) {
      return discard(key, new IllegalArgumentException("not bytes of this cache"));
    }
    Duration remaining = envelope.remaining(clock.now());
    if (remaining.isZero() || remaining.isNegative()) {
      return null;
    }
    try {
      V value = codec.decode(envelope.payload());
      return value == null
          ? discard(key, new IllegalArgumentException("decoded to null"))
          : new Found<>(value, envelope.payload(), remaining);
    } catch (Throwable t) {
      return discard(key, t);
    }
  }

  private @Nullable Found<V> discard(String key, Throwable why) {
    undecodable.increment();
    faults.report("decoding a value of cache store " + name, why);
    delete(key);
    return null;
  }

  private boolean attempt(String operation, Runnable action) {
    try {
      action.run();
      return true;
    } catch (Throwable t) {
      failed(operation, t);
      return false;
    }
  }

  private void failed(String operation, Throwable t) {
    failures.increment();
    faults.report("operation '" + operation + "' of cache store " + name, t);
  }

  /** A value, its bytes for the levels that are nearer, and for how long it is good. */
  record Found<V>(V value, byte[] payload, Duration remaining) {}
}
