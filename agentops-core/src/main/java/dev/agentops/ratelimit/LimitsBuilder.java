package dev.agentops.ratelimit;

import dev.agentops.ratelimit.Limit.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the builders of {@link RateLimits} and {@link RateLimiter} share: the names of the limits.
 *
 * @param <B> the builder that extends this
 */
abstract class LimitsBuilder<B extends LimitsBuilder<B>> {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final List<Window> windows = new ArrayList<>();
  private long burst;
  private int concurrency;

  LimitsBuilder() {}

  public B requestsPerSecond(long limit) {
    return limit(Kind.REQUESTS, limit, SECOND, "requestsPerSecond");
  }

  public B requestsPerMinute(long limit) {
    return limit(Kind.REQUESTS, limit, MINUTE, "requestsPerMinute");
  }

  public B requestsPerHour(long limit) {
    return limit(Kind.REQUESTS, limit, HOUR, "requestsPerHour");
  }

  public B requestsPerDay(long limit) {
    return limit(Kind.REQUESTS, limit, DAY, "requestsPerDay");
  }

  /** Limits input and output tokens together, as the other {@code tokensPer} do. */
  public B tokensPerSecond(long limit) {
    return limit(Kind.TOKENS, limit, SECOND, "tokensPerSecond");
  }

  public B tokensPerMinute(long limit) {
    return limit(Kind.TOKENS, limit, MINUTE, "tokensPerMinute");
  }

  public B tokensPerHour(long limit) {
    return limit(Kind.TOKENS, limit, HOUR, "tokensPerHour");
  }

  public B tokensPerDay(long limit) {
    return limit(Kind.TOKENS, limit, DAY, "tokensPerDay");
  }

  public B inputTokensPerSecond(long limit) {
    return limit(Kind.INPUT_TOKENS, limit, SECOND, "inputTokensPerSecond");
  }

  public B inputTokensPerMinute(long limit) {
    return limit(Kind.INPUT_TOKENS, limit, MINUTE, "inputTokensPerMinute");
  }

  public B inputTokensPerHour(long limit) {
    return limit(Kind.INPUT_TOKENS, limit, HOUR, "inputTokensPerHour");
  }

  public B inputTokensPerDay(long limit) {
    return limit(Kind.INPUT_TOKENS, limit, DAY, "inputTokensPerDay");
  }

  public B outputTokensPerSecond(long limit) {
    return limit(Kind.OUTPUT_TOKENS, limit, SECOND, "outputTokensPerSecond");
  }

  public B outputTokensPerMinute(long limit) {
    return limit(Kind.OUTPUT_TOKENS, limit, MINUTE, "outputTokensPerMinute");
  }

  public B outputTokensPerHour(long limit) {
    return limit(Kind.OUTPUT_TOKENS, limit, HOUR, "outputTokensPerHour");
  }

  public B outputTokensPerDay(long limit) {
    return limit(Kind.OUTPUT_TOKENS, limit, DAY, "outputTokensPerDay");
  }

  /** How many calls may be under way at once: those whose {@link Reservation} has not ended. */
  public B concurrency(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1: " + limit);
    }
    this.concurrency = limit;
    return self();
  }

  /**
   * How many requests may come at once; the whole limit unless said. Concerns the requests limit of
   * the shortest period: those of longer ones are caps, and keep their whole limit as token limits
   * do, or a limit of a day would let through one request each so many seconds.
   */
  public B burst(long requests) {
    if (requests < 1) {
      throw new IllegalArgumentException("burst must be at least 1: " + requests);
    }
    this.burst = requests;
    return self();
  }

  abstract B self();

  boolean isEmpty() {
    return windows.isEmpty() && concurrency == 0;
  }

  RateLimits toLimits() {
    Duration shortest =
        windows.stream()
            .filter(window -> window.kind == Kind.REQUESTS)
            .map(Window::period)
            .min(Duration::compareTo)
            .orElse(Duration.ZERO);
    return new RateLimits(
        windows.stream().map(window -> window.limit(shortest, burst)).toList(), concurrency);
  }

  private B limit(Kind kind, long limit, Duration period, String what) {
    long most = period.toNanos();
    if (limit < 1 || limit > most) {
      throw new IllegalArgumentException(what + " must be between 1 and " + most + ": " + limit);
    }
    windows.removeIf(window -> window.kind == kind && window.period.equals(period));
    windows.add(new Window(kind, limit, period));
    return self();
  }

  private record Window(Kind kind, long amount, Duration period) {

    Limit limit(Duration bursting, long burst) {
      boolean bursts = burst != 0 && kind == Kind.REQUESTS && period.equals(bursting);
      return new Limit(kind, amount, period.toNanos(), bursts ? burst : amount);
    }
  }
}
