package dev.agentops.ratelimit;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * So many requests or tokens in a period, of which {@link #burst()} may come at once. One of {@link
 * RateLimits}. Immutable.
 *
 * <p>Kept as the generic cell rate algorithm: a bucket of the size of the burst that leaks one unit
 * each {@code period / amount}. That interval is rounded up to a tick of 1 ns or, above 3.9 million
 * units a second, down to 1/256 ns, so that a limit is never exceeded and is used to 99.6 %.
 */
public final class Limit {

  /** A debt of this many ticks, 73 years of nanoseconds, is as good as one for ever. */
  static final long FOR_EVER = 1L << 61;

  private static final long TICKS_OF_AN_INTERVAL = 256;

  private final Kind kind;
  private final long amount;
  private final long periodNanos;
  private final long burst;
  private final int shift;
  private final long interval;
  private final long mostUnits;
  private final long capacity;

  Limit(Kind kind, long amount, long periodNanos, long burst) {
    this.kind = kind;
    this.amount = amount;
    this.periodNanos = periodNanos;
    this.burst = burst;
    long nanos = periodNanos / amount;
    int fine = 0;
    while (nanos << fine < TICKS_OF_AN_INTERVAL) {
      fine++;
    }
    shift = fine;
    long rest = periodNanos % amount; // both below a day of nanoseconds: no overflow
    interval = (nanos << fine) + ((rest << fine) + amount - 1) / amount;
    mostUnits = FOR_EVER / interval;
    if (burst > mostUnits / 2) {
      throw new IllegalArgumentException(
          "burst must be at most " + mostUnits / 2 + " for " + rate() + ": " + burst);
    }
    capacity = burst * interval;
  }

  /** What is counted. */
  public Kind kind() {
    return kind;
  }

  /** How many units a period. */
  public long amount() {
    return amount;
  }

  /** A second, a minute, an hour or a day. */
  public Duration period() {
    return Duration.ofNanos(periodNanos);
  }

  /** How many units may come at once. */
  public long burst() {
    return burst;
  }

  /** How many units of this limit a call asks for. */
  public long units(Demand demand) {
    return units(demand.requests(), demand.inputTokens(), demand.outputTokens());
  }

  long units(long requests, long inputTokens, long outputTokens) {
    if (kind == Kind.REQUESTS) {
      return requests;
    }
    if (kind == Kind.TOKENS) {
      return sum(inputTokens, outputTokens);
    }
    return kind == Kind.INPUT_TOKENS ? inputTokens : outputTokens;
  }

  /** A time of the limiter, whose origin is its start, in ticks. */
  long ticks(long nanos) {
    return nanos << shift;
  }

  /** The ticks of a time that may be beyond measure. */
  long ticksOf(long nanos) {
    return nanos > FOR_EVER >> shift ? FOR_EVER : nanos << shift;
  }

  /** How long so many ticks take, rounded up: after that long they have passed. */
  long nanos(long ticks) {
    return ticks == 0 ? 0 : ((ticks - 1) >> shift) + 1;
  }

  /** The ticks that one unit takes to leak. */
  long interval() {
    return interval;
  }

  /** The ticks that so many units take to leak. */
  long cost(long units) {
    return units <= mostUnits ? units * interval : FOR_EVER;
  }

  /** The ticks that a whole bucket takes to leak. */
  long capacity() {
    return capacity;
  }

  /** Whether it counts the same in the same period. */
  boolean sameWindow(Limit other) {
    return kind == other.kind && periodNanos == other.periodNanos;
  }

  /** Such as {@code 60 requests per minute} or {@code 60 requests per minute (burst 10)}. */
  @Override
  public String toString() {
    return burst == amount ? rate() : rate() + " (burst " + burst + ")";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Limit that
        && sameWindow(that)
        && amount == that.amount
        && burst == that.burst;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, amount, periodNanos, burst);
  }

  static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum; // neither is negative
  }

  private String rate() {
    String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return amount + " " + what + " per " + periodName(period());
  }

  private static String periodName(Duration period) {
    if (period.toDays() > 0) {
      return "day";
    }
    return period.toHours() > 0 ? "hour" : period.toMinutes() > 0 ? "minute" : "second";
  }

  /** What a limit counts. */
  public enum Kind {
    /** Calls. */
    REQUESTS,
    /** Input and output tokens together. */
    TOKENS,
    /** Tokens of prompts. */
    INPUT_TOKENS,
    /** Tokens of answers. */
    OUTPUT_TOKENS
  }
}
