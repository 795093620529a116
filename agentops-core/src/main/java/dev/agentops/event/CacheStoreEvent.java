package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A store behind a cache was lost, or is back. While it is away the cache goes on with its other
 * levels. Immutable.
 */
public final class CacheStoreEvent implements OpsEvent {

  private final Instant timestamp;
  private final String cache;
  private final String store;
  private final Optional<String> reason;
  private final Duration away;

  private CacheStoreEvent(
      Instant timestamp, String cache, String store, Optional<String> reason, Duration away) {
    this.timestamp = Objects.requireNonNull(timestamp, "timestamp");
    this.cache = Objects.requireNonNull(cache, "cache");
    this.store = Objects.requireNonNull(store, "store");
    this.reason = reason;
    this.away = away;
  }

  /**
   * The store does not answer.
   *
   * @param reason the class of what it threw, and what that says of the server; no key or value
   */
  public static CacheStoreEvent lost(Instant timestamp, String cache, String store, String reason) {
    return new CacheStoreEvent(timestamp, cache, store, Optional.of(reason), Duration.ZERO);
  }

  /** The store answers again, after this long. */
  public static CacheStoreEvent recovered(
      Instant timestamp, String cache, String store, Duration away) {
    return new CacheStoreEvent(timestamp, cache, store, Optional.empty(), away);
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** The cache's name. */
  public String cache() {
    return cache;
  }

  /** The store's name. */
  public String store() {
    return store;
  }

  /** Whether it is back. */
  public boolean isRecovery() {
    return reason.isEmpty();
  }

  /** Why it was lost; empty where it is back. */
  public Optional<String> reason() {
    return reason;
  }

  /** For how long it was away; zero where it is lost. */
  public Duration away() {
    return away;
  }

  /** None: it is nobody's call. */
  @Override
  public Attributes attributes() {
    return Attributes.empty();
  }

  @Override
  public String toString() {
    return "CacheStoreEvent{"
        + cache
        + '/'
        + store
        + (isRecovery() ? " is back after " + away : " is lost: " + reason.orElseThrow())
        + '}';
  }
}
