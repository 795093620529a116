package dev.agentops.guard;

import java.time.Duration;

/**
 * When a tool that keeps failing is withdrawn, and for how long. Immutable.
 *
 * <p>A tool fails when it throws, or returns a result that it marks as an error. Arguments that do
 * not fit ({@code ToolArgumentsException}), refusals and interrupts are not its failures. While it
 * is withdrawn it does not run: the model is told so by an error result. After {@link
 * Builder#openFor} one execution is let through to try; if that works, the tool is offered again.
 */
public final class ToolBreaker {

  private static final ToolBreaker STANDARD = builder().build();
  private static final ToolBreaker NEVER = new ToolBreaker(builder(), true);

  private final int failuresInARow;
  private final double failureRatio;
  private final int minimumCalls;
  private final int window;
  private final Duration openFor;
  private final boolean never;

  private ToolBreaker(Builder from, boolean never) {
    failuresInARow = from.failuresInARow;
    failureRatio = from.failureRatio;
    minimumCalls = from.minimumCalls;
    window = from.window;
    openFor = from.openFor;
    this.never = never;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Withdraws a tool for 30 seconds after 5 failures in a row, or 50 % of the last 20 calls. */
  public static ToolBreaker standard() {
    return STANDARD;
  }

  /** Withdraws nothing, for a tool that others' rule must not touch. */
  public static ToolBreaker never() {
    return NEVER;
  }

  int failuresInARow() {
    return failuresInARow;
  }

  double failureRatio() {
    return failureRatio;
  }

  int minimumCalls() {
    return minimumCalls;
  }

  int window() {
    return window;
  }

  Duration openFor() {
    return openFor;
  }

  boolean isNever() {
    return never;
  }

  @Override
  public String toString() {
    return never
        ? "ToolBreaker{never}"
        : "ToolBreaker{failuresInARow="
            + failuresInARow
            + ", failureRatio="
            + failureRatio
            + " of "
            + minimumCalls
            + " to "
            + window
            + " calls, openFor="
            + openFor
            + '}';
  }

  /** Configures a {@link ToolBreaker}. Not thread-safe. */
  public static final class Builder {

    /** {@value} failures. */
    public static final int DEFAULT_FAILURES_IN_A_ROW = 5;

    /** {@value}: half of the calls. */
    public static final double DEFAULT_FAILURE_RATIO = 0.5;

    /** {@value} calls, before which the ratio says nothing. */
    public static final int DEFAULT_MINIMUM_CALLS = 10;

    /** {@value} calls, the last ones, of which the ratio is taken. */
    public static final int DEFAULT_WINDOW = 20;

    /** {@value} seconds. */
    public static final long DEFAULT_OPEN_SECONDS = 30;

    private static final int LONGEST_WINDOW = 1_000;

    private int failuresInARow = DEFAULT_FAILURES_IN_A_ROW;
    private double failureRatio = DEFAULT_FAILURE_RATIO;
    private int minimumCalls = DEFAULT_MINIMUM_CALLS;
    private int window = DEFAULT_WINDOW;
    private Duration openFor = Duration.ofSeconds(DEFAULT_OPEN_SECONDS);

    private Builder() {}

    /**
     * After so many failures without a success between them; {@value #DEFAULT_FAILURES_IN_A_ROW}
     * unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder failuresInARow(int failures) {
      if (failures <= 0) {
        throw new IllegalArgumentException("failuresInARow must be positive: " + failures);
      }
      this.failuresInARow = failures;
      return this;
    }

    /**
     * As soon as so large a part of the last calls failed; {@value #DEFAULT_FAILURE_RATIO} of
     * {@value #DEFAULT_WINDOW}, and of {@value #DEFAULT_MINIMUM_CALLS} at least, unless said.
     *
     * @param ratio more than 0, at most 1
     * @param minimumCalls from 1 to the window
     * @param window calls, at most 1,000
     * @throws IllegalArgumentException otherwise
     */
    public Builder failureRatio(double ratio, int minimumCalls, int window) {
      if (!(ratio > 0 && ratio <= 1)) {
        throw new IllegalArgumentException(
            "failureRatio must be more than 0 and at most 1: " + ratio);
      }
      if (window <= 0 || window > LONGEST_WINDOW) {
        throw new IllegalArgumentException(
            "window must be from 1 to " + LONGEST_WINDOW + ": " + window);
      }
      if (minimumCalls <= 0 || minimumCalls > window) {
        throw new IllegalArgumentException(
            "minimumCalls must be from 1 to the window of " + window + ": " + minimumCalls);
      }
      this.failureRatio = ratio;
      this.minimumCalls = minimumCalls;
      this.window = window;
      return this;
    }

    /**
     * How long a tool is withdrawn before it is tried again; {@value #DEFAULT_OPEN_SECONDS} seconds
     * unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder openFor(Duration duration) {
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException("openFor must be positive: " + duration);
      }
      this.openFor = duration;
      return this;
    }

    public ToolBreaker build() {
      return new ToolBreaker(this, false);
    }
  }
}
