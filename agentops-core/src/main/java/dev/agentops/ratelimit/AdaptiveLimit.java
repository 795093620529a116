package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;

/**
 * How a {@link ConcurrencyLimiter} finds its limit by itself. Immutable.
 *
 * <p>{@link #aimd()} suits a server that refuses what is too much: a provider that answers 429. It
 * asks for one more each round trip until that happens, and then for a part. {@link #gradient()}
 * suits a server that lets calls wait, such as one with its own GPUs: it goes by how much slower
 * calls become, before anything fails.
 *
 * <p>The limit moves by the {@linkplain ConcurrencyLimiter.Permit#sample samples} of the permits
 * that are closed: once in as many of them as may run at once, and in ten at least. It does not
 * grow while less than half of it is used.
 */
public final class AdaptiveLimit {

  private final boolean gradient;
  private final int initial;
  private final int minimum;
  private final int maximum;
  private final double backoffRatio;
  private final double tolerance;
  private final double slowNanos;

  private AdaptiveLimit(Builder from, int initial) {
    this.gradient = from.gradient;
    this.initial = initial;
    this.minimum = from.minimum;
    this.maximum = from.maximum;
    this.backoffRatio = from.backoffRatio;
    this.tolerance = from.tolerance;
    this.slowNanos = from.slowNanos;
  }

  /** Adds one a round trip, and takes a part away after an overload, as TCP does. */
  public static Builder aimd() {
    return new Builder(false);
  }

  /** Keeps calls from taking longer than {@link Builder#tolerance} times what they need alone. */
  public static Builder gradient() {
    return new Builder(true);
  }

  int initial() {
    return initial;
  }

  int minimum() {
    return minimum;
  }

  int maximum() {
    return maximum;
  }

  /** A new one, for one key. */
  LimitAlgorithm algorithm() {
    return gradient
        ? new GradientLimit(tolerance, backoffRatio)
        : new AimdLimit(backoffRatio, slowNanos);
  }

  @Override
  public String toString() {
    return "AdaptiveLimit{"
        + (gradient ? "gradient" : "aimd")
        + ", "
        + minimum
        + " to "
        + maximum
        + " from "
        + initial
        + '}';
  }

  /** Configures an {@link AdaptiveLimit}. Not thread-safe. */
  public static final class Builder {

    /** {@value}, or the minimum or maximum if that is nearer. */
    public static final int DEFAULT_INITIAL = 20;

    /** {@value}. */
    public static final int DEFAULT_MAXIMUM = 200;

    /** {@value}, that of CUBIC (RFC 9438). */
    public static final double DEFAULT_BACKOFF_RATIO = 0.7;

    /** {@value}. */
    public static final double DEFAULT_TOLERANCE = 1.3;

    private final boolean gradient;
    private int initial;
    private int minimum = 1;
    private int maximum = DEFAULT_MAXIMUM;
    private double backoffRatio = DEFAULT_BACKOFF_RATIO;
    private double tolerance = DEFAULT_TOLERANCE;
    private double slowNanos = Double.POSITIVE_INFINITY;

    private Builder(boolean gradient) {
      this.gradient = gradient;
    }

    /** Where it begins; {@value #DEFAULT_INITIAL} unless said. */
    public Builder initial(int initial) {
      this.initial = CurrentLimit.check("initial", initial);
      return this;
    }

    /** The least; 1 unless said. */
    public Builder minimum(int minimum) {
      this.minimum = CurrentLimit.check("minimum", minimum);
      return this;
    }

    /** The most; {@value #DEFAULT_MAXIMUM} unless said. */
    public Builder maximum(int maximum) {
      this.maximum = CurrentLimit.check("maximum", maximum);
      return this;
    }

    /**
     * The part of the limit that an overload leaves, {@value #DEFAULT_BACKOFF_RATIO} unless said.
     *
     * @throws IllegalArgumentException if it is not between 0.1 and 0.99
     */
    public Builder backoffRatio(double ratio) {
      if (!(ratio >= 0.1 && ratio <= 0.99)) {
        throw new IllegalArgumentException("backoffRatio must be between 0.1 and 0.99: " + ratio);
      }
      this.backoffRatio = ratio;
      return this;
    }

    /**
     * For {@link #gradient()}: how many times as long as on an idle server a call may take; {@value
     * #DEFAULT_TOLERANCE} unless said. A server that batches gives more in all while each call
     * becomes slower: 2 or 3 suits it better.
     *
     * @throws IllegalArgumentException if it is not between 1 and 100
     * @throws IllegalStateException for {@link #aimd()}
     */
    public Builder tolerance(double tolerance) {
      only(gradient, "tolerance", "gradient");
      if (!(tolerance >= 1 && tolerance <= 100)) {
        throw new IllegalArgumentException("tolerance must be between 1 and 100: " + tolerance);
      }
      this.tolerance = tolerance;
      return this;
    }

    /**
     * For {@link #aimd()}: the mean of the samples above which the server has too much to do as if
     * it had said so; none unless said. What {@link ConcurrencyInterceptor} samples is a time per
     * token.
     *
     * @throws IllegalArgumentException if it is not positive
     * @throws IllegalStateException for {@link #gradient()}
     */
    public Builder slowAbove(Duration sample) {
      only(!gradient, "slowAbove", "aimd");
      if (sample.isZero() || sample.isNegative()) {
        throw new IllegalArgumentException("slowAbove must be positive: " + sample);
      }
      this.slowNanos = Clock.nanos(sample);
      return this;
    }

    /**
     * Builds it.
     *
     * @throws IllegalArgumentException if minimum, initial and maximum are not in this order
     */
    public AdaptiveLimit build() {
      int first = initial == 0 ? Math.min(maximum, Math.max(minimum, DEFAULT_INITIAL)) : initial;
      if (minimum > first || first > maximum) {
        throw new IllegalArgumentException(
            "it must be minimum <= initial <= maximum: " + minimum + ", " + first + ", " + maximum);
      }
      return new AdaptiveLimit(this, first);
    }

    private static void only(boolean right, String what, String algorithm) {
      if (!right) {
        throw new IllegalStateException(what + " is an option of " + algorithm + "() only");
      }
    }
  }
}
