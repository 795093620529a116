package dev.agentops.alerts;

import dev.agentops.AgentOpsException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A notification was not delivered; says whether it is worth trying again. The message must not
 * hold a secret: many channels have theirs in the URL.
 */
public final class DeliveryException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  /** What to do about it. */
  public enum Outcome {

    /** It may work later: try again. */
    RETRY,

    /** The channel refuses this message, whenever it comes: do not try again. */
    PERMANENT,

    /**
     * The channel refuses for its settings (a keyword, a signature, an address): do not try again
     * before somebody has mended them.
     */
    REJECTED_BY_POLICY
  }

  private final Outcome outcome;
  private final @Nullable Duration retryAfter;

  private DeliveryException(
      Outcome outcome, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = Objects.requireNonNull(outcome, "outcome");
    this.retryAfter = retryAfter;
  }

  /** It may work later. */
  public static DeliveryException retry(String message, @Nullable Throwable cause) {
    return new DeliveryException(Outcome.RETRY, message, null, cause);
  }

  /** It may work after this time, and not before; told by the channel. */
  public static DeliveryException retryAfter(Duration retryAfter, String message) {
    Objects.requireNonNull(retryAfter, "retryAfter");
    return new DeliveryException(Outcome.RETRY, message, retryAfter, null);
  }

  /** It will never work. */
  public static DeliveryException permanent(String message, @Nullable Throwable cause) {
    return new DeliveryException(Outcome.PERMANENT, message, null, cause);
  }

  /** The settings of the channel forbid it. */
  public static DeliveryException rejected(String message) {
    return new DeliveryException(Outcome.REJECTED_BY_POLICY, message, null, null);
  }

  public Outcome outcome() {
    return outcome;
  }

  /** How long the channel asked to be left alone. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
