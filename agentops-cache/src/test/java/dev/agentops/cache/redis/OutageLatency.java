package dev.agentops.cache.redis;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.testing.TestRedis;
import java.util.Arrays;
import java.util.Locale;

/** Prints how long calls take while Redis is well, hangs, and is back: the data of the graph. */
final class OutageLatency {

  private OutageLatency() {}

  public static void main(String[] args) throws InterruptedException {
    try (TestRedis redis = TestRedis.start();
        MultiLevelCache<String> cache =
            MultiLevelCache.builder(Codec.utf8())
                .remote(RedisCacheStore.connect(redis.uri()))
                .build()) {
      measure("warm-up", cache, 5_000);
      measure("healthy", cache, 1_000);
      redis.hang();
      try {
        measure("hung, first call", cache, 1);
        measure("hung, later calls", cache, 10_000);
        Thread.sleep(3_000);
        measure("hung, after 3 s", cache, 10_000);
      } finally {
        redis.goOn();
      }
      long back = System.nanoTime();
      while (redis.commands().exists("{agentops:cache}:d:probe") == 0) {
        cache.put("probe", "v");
        Thread.sleep(1);
      }
      System.out.printf(Locale.ROOT, "used again after %.0f ms%n", micros(back) / 1_000);
      measure("recovered", cache, 1_000);
    }
    System.exit(0);
  }

  private static void measure(String what, MultiLevelCache<String> cache, int calls) {
    double[] micros = new double[calls];
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      cache.get("missing " + i);
      micros[i] = micros(start);
    }
    Arrays.sort(micros);
    System.out.printf(
        Locale.ROOT,
        "%-18s calls %6d  p50 %9.1f us  p99 %9.1f us  max %9.1f us%n",
        what,
        calls,
        micros[calls / 2],
        micros[(int) (calls * 0.99)],
        micros[calls - 1]);
  }

  private static double micros(long start) {
    return (System.nanoTime() - start) / 1_000.0;
  }
}
