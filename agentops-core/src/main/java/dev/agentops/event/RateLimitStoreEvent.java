package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** The store that limiters of several processes share was lost, or is back. Immutable. */
public final class RateLimitStoreEvent implements OpsEvent {

  private final Instant timestamp;
  private final String limiter;
  private final Optional<String> reason;
  private final Duration away;

  private RateLimitStoreEvent(
      Instant timestamp, String limiter, Optional<String> reason, Duration away) {
    this.timestamp = Objects.requireNonNull(timestamp, "timestamp");
    this.limiter = Objects.requireNonNull(limiter, "limiter");
    this.reason = reason;
    this.away = Objects.requireNonNull(away, "away");
  }

  /**
   * The store does not answer.
   *
   * @param reason the class of what it threw, and what that says of the server; no key
   */
  public static RateLimitStoreEvent lost(Instant timestamp, String limiter, String reason) {
    return new RateLimitStoreEvent(timestamp, limiter, Optional.of(reason), Duration.ZERO);
  }

  /** The store answers again, after this long. */
  public static RateLimitStoreEvent recovered(Instant timestamp, String limiter, Duration away) {
    return new RateLimitStoreEvent(timestamp, limiter, Optional.empty(), away);
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** The limiter's name. */
  public String limiter() {
    return limiter;
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
    return "RateLimitStoreEvent{"
        + limiter
        + (isRecovery() ? " is back after " + away : " is lost: " + reason.orElseThrow())
        + '}';
  }
}
