package dev.agentops.ratelimit;

import org.jspecify.annotations.NullMarked;

/**
 * What a million keys take that nobody asks for any more, without the texts of the keys. A main
 * class, not of JMH: it compares the heap before and after.
 *
 * <pre>java -Xmx1g -cp ... dev.agentops.ratelimit.IdleKeyMemory</pre>
 */
@NullMarked
public final class IdleKeyMemory {

  private static final int KEYS = 1_000_000;

  private IdleKeyMemory() {}

  public static void main(String[] args) {
    String[] keys = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "tenant-" + i;
    }
    measure(
        "one limit", keys, RateLimiter.builder().requestsPerDay(1_000).maximumKeys(KEYS).build());
    measure(
        "requests and tokens",
        keys,
        RateLimiter.builder()
            .requestsPerDay(1_000)
            .tokensPerDay(1_000_000)
            .maximumKeys(KEYS)
            .build());
  }

  private static void measure(String what, String[] keys, RateLimiter limiter) {
    long before = used();
    for (String key : keys) {
      limiter.tryAcquire(key);
    }
    long after = used();
    System.out.printf(
        "%s: %,d keys kept, %.0f bytes each%n",
        what, limiter.keyCount(), (double) (after - before) / limiter.keyCount());
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
