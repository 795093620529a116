package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something was done to make up for a model that fails, or was given up. Immutable. */
public final class ResilienceEvent implements OpsEvent {

  /** What was done. */
  public enum Type {
    /** The same model is asked once more. */
    RETRY,
    /** A retry would have been one too many, by the budget of retries. */
    RETRY_BUDGET_EXHAUSTED,
    /** Another model is asked. */
    FALLBACK,
    /** The same model is asked a second time, while the first answer is awaited. */
    HEDGE,
    /** Nothing goes to a model for a while, which has failed too often. */
    CIRCUIT_OPEN,
    /** A few calls try whether the model is well again. */
    CIRCUIT_HALF_OPEN,
    /** The model is well again. */
    CIRCUIT_CLOSED,
    /** One of several deployments gets no calls for a while. */
    SET_ASIDE
  }

  private final Instant timestamp;
  private final Attributes attributes;
  private final Type type;
  private final String model;
  private final @Nullable String to;
  private final String reason;
  private final int attempt;
  private final Duration delay;

  private ResilienceEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    attributes = from.attributes;
    type = from.type;
    model = from.model;
    to = from.to;
    reason = from.reason;
    attempt = from.attempt;
    delay = from.delay;
  }

  /** An event of this type, about a model such as {@code openai/gpt-4o}. */
  public static Builder builder(Type type, String model) {
    return new Builder(type, model);
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  public Type type() {
    return type;
  }

  /** The model that failed, with its provider, such as {@code openai/gpt-4o}. */
  public String model() {
    return model;
  }

  /** The model that is asked in its place; empty but for {@link Type#FALLBACK}. */
  public Optional<String> to() {
    return Optional.ofNullable(to);
  }

  /**
   * Why, as the kind of error in lower case, such as {@code rate_limited}; {@code slow} for a
   * hedge, {@code none} where there is none.
   */
  public String reason() {
    return reason;
  }

  /** Which attempt comes next, from 2 on; zero where none does. */
  public int attempt() {
    return attempt;
  }

  /** Until the next attempt, or for how long the model is left alone. */
  public Duration delay() {
    return delay;
  }

  @Override
  public String toString() {
    return "ResilienceEvent{"
        + type
        + " "
        + model
        + (to == null ? "" : " -> " + to)
        + ", "
        + reason
        + (attempt == 0 ? "" : ", attempt " + attempt)
        + (delay.isZero() ? "" : ", in " + delay)
        + '}';
  }

  /** Collects what is known; the timestamp is required. Not thread-safe. */
  public static final class Builder {

    private final Type type;
    private final String model;
    private @Nullable Instant timestamp;
    private Attributes attributes = Attributes.empty();
    private @Nullable String to;
    private String reason = "none";
    private int attempt;
    private Duration delay = Duration.ZERO;

    private Builder(Type type, String model) {
      this.type = Objects.requireNonNull(type, "type");
      this.model = Objects.requireNonNull(model, "model");
    }

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public Builder to(@Nullable String to) {
      this.to = to;
      return this;
    }

    public Builder reason(String reason) {
      this.reason = reason;
      return this;
    }

    public Builder attempt(int attempt) {
      this.attempt = attempt;
      return this;
    }

    public Builder delay(Duration delay) {
      this.delay = delay;
      return this;
    }

    public ResilienceEvent build() {
      return new ResilienceEvent(this);
    }
  }
}
