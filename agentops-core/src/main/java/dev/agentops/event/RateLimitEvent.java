package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A limiter refused a call, or made it wait. Immutable. */
public final class RateLimitEvent implements OpsEvent {

  /** What became of the call. */
  public enum Type {
    /** It was refused, at once or after a wait. */
    REFUSED,
    /** It had to wait, and then went on. */
    WAITED
  }

  private final Instant timestamp;
  private final Type type;
  private final String limiter;
  private final String key;
  private final @Nullable String limit;
  private final Duration retryAfter;
  private final Duration waited;
  private final int queued;
  private final Attributes attributes;

  private RateLimitEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    type = from.type;
    limiter = from.limiter;
    key = from.key;
    limit = from.limit;
    retryAfter = from.retryAfter;
    waited = from.waited;
    queued = from.queued;
    attributes = from.attributes;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** When the call began. */
  @Override
  public Instant timestamp() {
    return timestamp;
  }

  public Type type() {
    return type;
  }

  /** The limiter's name. */
  public String limiter() {
    return limiter;
  }

  /** Whose limit it is; empty where all share one. */
  public String key() {
    return key;
  }

  /** The limit that was in the way, such as {@code 60 requests per minute}; empty if unknown. */
  public Optional<String> limit() {
    return Optional.ofNullable(limit);
  }

  /** How long until a call that was refused fits; zero where that is not known. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** How long the call waited. */
  public Duration waited() {
    return waited;
  }

  /** How many waited for the limiter right after; 0 where nobody did, or that is not counted. */
  public int queued() {
    return queued;
  }

  /** Those of the scopes around the call. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public String toString() {
    return "RateLimitEvent{"
        + limiter
        + (key.isEmpty() ? "" : "/" + key)
        + ' '
        + type
        + (limit == null ? "" : ", limit=" + limit)
        + ", retryAfter="
        + retryAfter
        + ", waited="
        + waited
        + ", queued="
        + queued
        + ", "
        + attributes
        + '}';
  }

  /** Collects what is known; only the timestamp is required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private Type type = Type.REFUSED;
    private String limiter = "";
    private String key = "";
    private @Nullable String limit;
    private Duration retryAfter = Duration.ZERO;
    private Duration waited = Duration.ZERO;
    private int queued;
    private Attributes attributes = Attributes.empty();

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder type(Type type) {
      this.type = type;
      return this;
    }

    public Builder limiter(String limiter) {
      this.limiter = limiter;
      return this;
    }

    public Builder key(String key) {
      this.key = key;
      return this;
    }

    public Builder limit(@Nullable String limit) {
      this.limit = limit;
      return this;
    }

    public Builder retryAfter(Duration retryAfter) {
      this.retryAfter = retryAfter;
      return this;
    }

    public Builder waited(Duration waited) {
      this.waited = waited;
      return this;
    }

    public Builder queued(int queued) {
      this.queued = queued;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public RateLimitEvent build() {
      return new RateLimitEvent(this);
    }
  }
}
