package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * A level of a {@link MultiLevelCache} that may be shared by processes: bytes under keys, each for
 * a time.
 *
 * <p>Any method may throw any exception. The cache counts it, logs it once a minute at most, takes
 * a failed read for a miss, and goes on with its other levels. A method runs on the thread of the
 * cache's caller, so an implementation has to bound how long it waits for its server.
 * Implementations are thread-safe.
 */
public interface CacheStore extends AutoCloseable {

  /** The level's name in statistics and log lines; the name of the class unless overridden. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * The bytes of this key; empty where there are none or their time is over.
   *
   * @param key any text: it may be empty, long, or hold any character
   */
  Optional<byte[]> get(String key);

  /**
   * Keeps a copy of these bytes, in place of earlier ones.
   *
   * @param timeToLive after which {@link #get} must find nothing; positive
   */
  void put(String key, byte[] value, Duration timeToLive);

  /** Forgets a key; without effect where there is nothing. */
  void delete(String key);

  /** Forgets every key of this store, and of nobody else on the same server. */
  void clear();

  /** Lets go of connections. The cache that was given this store calls it when it is closed. */
  @Override
  default void close() {}
}
