package dev.agentops.cache.redis;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.testing.TestRedis;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints how long calls take, one a millisecond, while Redis is well for two seconds, hangs for
 * four, and is back for two: the data of the graph in the guide.
 */
final class OutageLatency {

  private static final int HANGS_AT_MILLIS = 2_000;
  private static final int GOES_ON_AT_MILLIS = 6_000;
  private static final int ENDS_AT_MILLIS = 8_000;
  private static final int WARM_UP_CALLS = 20_000;

  private OutageLatency() {}

  public static void main(String[] args) {
    try (TestRedis redis = TestRedis.start();
        MultiLevelCache<String> cache =
            MultiLevelCache.builder(Codec.utf8())
                .remote(RedisCacheStore.connect(redis.uri()))
                .build()) {
      for (int i = 0; i < WARM_UP_CALLS; i++) {
        micros(cache, i);
      }
      boolean hangs = false;
      long start = System.nanoTime();
      System.out.println("millis,micros");
      for (long now = 0; now < ENDS_AT_MILLIS; now = (System.nanoTime() - start) / 1_000_000) {
        if (!hangs && now >= HANGS_AT_MILLIS && now < GOES_ON_AT_MILLIS) {
          redis.hang();
          hangs = true;
        } else if (hangs && now >= GOES_ON_AT_MILLIS) {
          redis.goOn();
          hangs = false;
        }
        System.out.printf(Locale.ROOT, "%d,%.1f%n", now, micros(cache, now));
        LockSupport.parkNanos(1_000_000);
      }
    }
    System.exit(0);
  }

  private static double micros(MultiLevelCache<String> cache, long call) {
    long start = System.nanoTime();
    if (cache.get("missing " + call).isPresent()) {
      throw new AssertionError("nobody has put this");
    }
    return (System.nanoTime() - start) / 1_000.0;
  }
}
