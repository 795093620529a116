package dev.agentops.examples;

import dev.agentops.ratelimit.ConcurrencyLimiter;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.ratelimit.Reservation;
import java.time.Duration;

/** Limits requests and tokens for each caller, and how many run at once. */
public final class LimitCallers {

  private LimitCallers() {}

  public static void main(String[] args) throws InterruptedException {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerMinute(60).burst(2).tokensPerMinute(10_000).build();
    for (int i = 1; i <= 3; i++) {
      boolean passed = limiter.tryAcquire("alice");
      System.out.println("alice's request " + i + (passed ? " passes" : " is refused"));
    }
    long wait = limiter.probe("alice").retryAfter().toMillis();
    System.out.println("alice may try again in about " + Math.round(wait / 100.0) / 10.0 + " s");

    Reservation tokens = limiter.reserve("bob", 9_000);
    System.out.println("bob's next 2,000 tokens fit: " + limiter.tryAcquire("bob", 2_000));
    tokens.settle(500); // the call used less than it was feared
    System.out.println("and after settling: " + limiter.tryAcquire("bob", 2_000));

    limiter.acquire("alice", Duration.ofSeconds(5));
    System.out.println("alice waited for her turn");

    ConcurrencyLimiter gate = ConcurrencyLimiter.of(1);
    try (ConcurrencyLimiter.Permit permit = gate.acquire()) {
      System.out.println("one runs; another may: " + gate.tryAcquire().isPresent());
    }
  }
}
