package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.event.OpsEventListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Configures a {@link MultiLevelCache}. Not thread-safe. */
public final class MultiLevelCacheBuilder<V> {

  /** {@value} entries. */
  public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

  /** {@value} minutes. */
  public static final long DEFAULT_TIME_TO_LIVE_MINUTES = 60;

  /** {@value} bytes. */
  public static final long DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES = 1024 * 1024;

  /** {@value} minute. */
  public static final long DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES = 1;

  /** {@value} seconds. */
  public static final long DEFAULT_LOAD_LEASE_SECONDS = 3;

  /** {@value} minute. */
  public static final long DEFAULT_MAXIMUM_WAIT_MINUTES = 1;

  /** Below that compression costs more time than it saves. */
  static final long COMPRESS_ABOVE_BYTES = 4096;

  final Codec<V> codec;
  final List<CacheStore> stores = new ArrayList<>();
  long maximumSize = DEFAULT_MAXIMUM_SIZE;
  Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
  long maximumRemoteValueBytes = DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES;
  String name = "cache";
  OptionalLong maximumBytes = OptionalLong.empty();
  ToLongFunction<? super V> weigher = value -> 0;
  double jitter;
  Duration staleWhileRevalidate = Duration.ZERO;
  Duration staleIfError = Duration.ZERO;
  double refreshAhead = 1;
  Duration negativeTimeToLive = Duration.ofMinutes(DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES);
  Duration loadLease = Duration.ofSeconds(DEFAULT_LOAD_LEASE_SECONDS);
  Duration maximumWait = Duration.ofMinutes(DEFAULT_MAXIMUM_WAIT_MINUTES);
  OpsEventListener listener = event -> {};
  Clock clock = Clock.system();

  MultiLevelCacheBuilder(Codec<V> codec) {
    this.codec = codec;
  }

  /**
   * The name in events and log lines, and of what this cache has in its stores: caches of one name
   * share that; {@code cache} unless said.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value Require#LONGEST_NAME} characters, or
   *     has a colon or control characters
   */
  public MultiLevelCacheBuilder<V> name(String name) {
    this.name = Require.cacheName(name);
    return this;
  }

  /** How many entries the local level keeps; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
  public MultiLevelCacheBuilder<V> maximumSize(long entries) {
    if (entries <= 0) {
      throw new IllegalArgumentException("maximumSize must be positive: " + entries);
    }
    this.maximumSize = entries;
    return this;
  }

  /**
   * How many bytes the values in the local level may take, besides the bound on their number; no
   * bound unless said.
   *
   * @param weigher about how many bytes a value takes; is called once for each
   */
  public MultiLevelCacheBuilder<V> maximumBytes(long bytes, ToLongFunction<? super V> weigher) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("maximumBytes must be positive: " + bytes);
    }
    this.maximumBytes = OptionalLong.of(bytes);
    this.weigher = Objects.requireNonNull(weigher, "weigher");
    return this;
  }

  /** How long a value is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
  public MultiLevelCacheBuilder<V> timeToLive(Duration timeToLive) {
    positive("timeToLive", timeToLive);
    this.timeToLive = timeToLive;
    return this;
  }

  /**
   * By how much of its time at most a value is forgotten early, by chance, so that values that were
   * put together are not all loaded again together; nothing unless said.
   *
   * @param fraction from 0 to below 1
   */
  public MultiLevelCacheBuilder<V> timeToLiveJitter(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException("timeToLiveJitter must be from 0 to below 1: " + fraction);
    }
    this.jitter = fraction;
    return this;
  }

  /**
   * For how long after its time a value is served yet by the methods with a loader, while a
   * background thread of the cache loads a newer one; not at all unless said.
   */
  public MultiLevelCacheBuilder<V> staleWhileRevalidate(Duration window) {
    this.staleWhileRevalidate = notNegative("staleWhileRevalidate", window);
    return this;
  }

  /**
   * For how long after its time a value is served yet where the loader throws an exception; not at
   * all unless said. For ten seconds after that the loader is left alone. An {@link Error} is
   * thrown to the caller all the same.
   */
  public MultiLevelCacheBuilder<V> staleIfError(Duration window) {
    this.staleIfError = notNegative("staleIfError", window);
    return this;
  }

  /**
   * After which share of its time a value that is asked for is loaded anew in the background, so
   * that nobody waits for one that is in use; never unless said. The loader runs in the {@link
   * Context} of the caller that asked.
   *
   * @param fraction above 0, to 1 for never
   */
  public MultiLevelCacheBuilder<V> refreshAhead(double fraction) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException("refreshAhead must be above 0, to 1: " + fraction);
    }
    this.refreshAhead = fraction;
    return this;
  }

  /**
   * How long {@link MultiLevelCache#findOrCompute} remembers that there is no value; {@value
   * #DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES} minute unless said.
   */
  public MultiLevelCacheBuilder<V> negativeTimeToLive(Duration timeToLive) {
    positive("negativeTimeToLive", timeToLive);
    this.negativeTimeToLive = timeToLive;
    return this;
  }

  /**
   * After how long another process loads a key in place of one that died, where a store {@linkplain
   * LeasingCacheStore leases} keys; {@value #DEFAULT_LOAD_LEASE_SECONDS} seconds unless said. A
   * process that lives renews its lease for as long as it loads.
   */
  public MultiLevelCacheBuilder<V> loadLease(Duration lease) {
    positive("loadLease", lease);
    this.loadLease = lease;
    return this;
  }

  /**
   * How long a caller waits for the load of another, in this process or elsewhere, before it starts
   * one itself; {@value #DEFAULT_MAXIMUM_WAIT_MINUTES} minute unless said.
   */
  public MultiLevelCacheBuilder<V> maximumWait(Duration wait) {
    positive("maximumWait", wait);
    this.maximumWait = wait;
    return this;
  }

  /** Is told by a daemon thread when a store is lost and when it is back; nobody unless said. */
  public MultiLevelCacheBuilder<V> listener(OpsEventListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Adds a level behind those there are. Caches of other names may be given the same store; the
   * last one of them that is closed closes it. (Two caches of one process that have one name need a
   * store object each: a store does not tell of what is changed through itself.)
   *
   * <p>Levels before one that processes share ({@link LeasingCacheStore}) are emptied of this
   * cache's entries when it is built, since nobody tells what others changed while it was not
   * there.
   */
  public MultiLevelCacheBuilder<V> remote(CacheStore store) {
    stores.add(Objects.requireNonNull(store, "store"));
    return this;
  }

  /**
   * The largest value, in encoded bytes, that stores are given; {@value
   * #DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES} unless said. A larger one is kept in the local level only,
   * and counted.
   */
  public MultiLevelCacheBuilder<V> maximumRemoteValueBytes(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("maximumRemoteValueBytes must be positive: " + bytes);
    }
    this.maximumRemoteValueBytes = bytes;
    return this;
  }

  /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
  public MultiLevelCacheBuilder<V> clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  public MultiLevelCache<V> build() {
    return new MultiLevelCache<>(this);
  }

  private static void positive(String name, @Nullable Duration duration) {
    if (duration == null || duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(name + " must be positive: " + duration);
    }
  }

  private static Duration notNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative: " + duration);
    }
    return duration;
  }
}
