package dev.agentops.ratelimit;

/** The limits of one process. */
class LocalRateLimiterTest extends RateLimiterSuite {

  @Override
  protected RateLimiter.Builder limiter() {
    return RateLimiter.builder().clock(clock);
  }
}
