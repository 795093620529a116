package dev.agentops.ratelimit;

import dev.agentops.ProviderExchange;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells a limiter what the provider says of its own limits. Thread-safe. */
final class ProviderSignals {

  private static final int TOO_MANY_REQUESTS = 429;

  private final RateLimiter limiter;
  private final Duration backOff;

  ProviderSignals(RateLimiter limiter, Duration backOff) {
    this.limiter = limiter;
    this.backOff = backOff;
  }

  /**
   * A call has ended.
   *
   * @param error what it failed with; null for nothing
   * @param throttled whether the error says that the limits were exceeded
   */
  void heed(String key, ProviderExchange exchange, @Nullable Throwable error, boolean throttled) {
    boolean seen = exchange.status() != 0;
    int status = seen ? exchange.status() : throttled ? TOO_MANY_REQUESTS : 0;
    if (status == 0) {
      return; // another HTTP client, and nothing to heed
    }
    String body = error == null ? null : error.getMessage();
    ProviderLimits told = ProviderLimits.of(status, seen ? exchange.headers() : Map.of(), body);
    limiter.observe(key, told); // heeds how long to wait, too
    if ((status == TOO_MANY_REQUESTS || throttled) && told.retryAfter().isEmpty()) {
      limiter.penalize(key, backOff);
    }
  }
}
