package dev.agentops.cache;

import dev.agentops.cache.redis.RedisCacheStore;
import dev.agentops.testing.TestRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A hit in Redis, of a kilobyte: the bare command of Lettuce, our store, and our cache whose local
 * level has room for one entry, so that each hit is decoded and copied to it.
 *
 * <p>{@code ./mvnw -q -Pjmh -Dbench=cache -Djmh.args="RemoteHitBenchmark -prof gc"}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RemoteHitBenchmark {

  private TestRedis redis;
  private RedisClient client;
  private RedisCommands<String, String> lettuce;
  private RedisCacheStore store;
  private MultiLevelCache<String> cache;

  @Setup
  public void prepare() {
    redis = TestRedis.start();
    client = RedisClient.create(redis.uri());
    lettuce = client.connect().sync();
    store = RedisCacheStore.builder(redis.uri()).namespace("bytes").build();
    cache =
        MultiLevelCache.builder(Codec.utf8())
            .maximumSize(1)
            .remote(RedisCacheStore.connect(redis.uri()))
            .build();
    for (String key : BenchmarkKeys.KEYS) {
      lettuce.set(key, BenchmarkKeys.VALUE);
      store.put(key, BenchmarkKeys.VALUE.getBytes(), Duration.ofHours(1), Set.of());
      cache.put(key, BenchmarkKeys.VALUE);
    }
  }

  @TearDown
  public void end() {
    cache.close();
    store.close();
    client.shutdown();
    redis.close();
  }

  @Benchmark
  public Object lettuceGet(BenchmarkKeys keys) {
    return lettuce.get(keys.next());
  }

  @Benchmark
  public Object agentopsStoreGet(BenchmarkKeys keys) {
    return store.get(keys.next());
  }

  @Benchmark
  public Object agentopsGet(BenchmarkKeys keys) {
    return cache.get(keys.next());
  }
}
