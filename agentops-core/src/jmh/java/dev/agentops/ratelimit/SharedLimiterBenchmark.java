package dev.agentops.ratelimit;

import dev.agentops.ratelimit.redis.RedisRateLimitStore;
import dev.agentops.testing.TestRedis;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
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
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Limiters that are shared through Redis, on one key unless the name says otherwise; always
 * admitted. The floors are a round trip, and the least script that keeps a leaky bucket by the time
 * of the server.
 *
 * <pre>./mvnw -q -Pjmh -Dbench=core -Djmh.args="SharedLimiterBenchmark -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SharedLimiterBenchmark {

  private static final int KEYS = 1_024;
  private static final long NEVER_USED_UP = 1_000_000_000;
  private static final int BATCH = 100;
  private static final String ONE = "tenant-7:gpt-4o";

  private static final String FLOOR =
      """
      local t = redis.call('TIME')
      local now = t[1] * 1000000 + t[2]
      local at = tonumber(redis.call('GET', KEYS[1]) or now)
      if at < now then at = now end
      local next = at + ARGV[1]
      if next - now > tonumber(ARGV[2]) then return next - now - ARGV[2] end
      redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
      return 0
      """;

  private final BucketConfiguration configuration =
      BucketConfiguration.builder()
          .addLimit(
              limit ->
                  limit.capacity(NEVER_USED_UP).refillGreedy(NEVER_USED_UP, Duration.ofMinutes(1)))
          .build();

  private TestRedis redis;
  private RedisClient client;
  private RedisCommands<String, String> lettuce;
  private String floor;
  private RedisRateLimitStore store;
  private RedisRateLimitStore batching;
  private RateLimiter ours;
  private RateLimiter oursBatched;
  private ProxyManager<String> buckets;
  private Bucket bucket;
  private RedissonClient redisson;
  private RRateLimiter redissonLimiter;

  @Setup
  public void start() {
    redis = TestRedis.start();
    client = RedisClient.create(redis.uri());
    lettuce = client.connect().sync();
    floor = lettuce.scriptLoad(FLOOR);
    store = RedisRateLimitStore.builder(redis.uri()).timeout(Duration.ofSeconds(5)).build();
    batching =
        RedisRateLimitStore.builder(redis.uri())
            .timeout(Duration.ofSeconds(5))
            .namespace("batched")
            .batch(BATCH, Duration.ofSeconds(1))
            .build();
    ours = RateLimiter.builder().requestsPerMinute(NEVER_USED_UP).store(store).build();
    oursBatched = RateLimiter.builder().requestsPerMinute(NEVER_USED_UP).store(batching).build();
    buckets =
        Bucket4jLettuce.casBasedBuilder(
                client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)))
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                    Duration.ofSeconds(10)))
            .build();
    bucket = buckets.builder().build("bucket4j:" + ONE, () -> configuration);
    Config config = new Config();
    config
        .useSingleServer()
        .setAddress(redis.uri())
        .setConnectionMinimumIdleSize(2)
        .setConnectionPoolSize(8);
    redisson = Redisson.create(config);
    redissonLimiter = redisson.getRateLimiter("redisson:" + ONE);
    redissonLimiter.trySetRate(RateType.OVERALL, NEVER_USED_UP, Duration.ofSeconds(1));
  }

  @TearDown
  public void stop() {
    store.close();
    batching.close();
    redisson.shutdown();
    client.shutdown();
    redis.close();
  }

  @Benchmark
  public String floorPing() {
    return lettuce.ping();
  }

  @Benchmark
  public Long floorEvalsha() {
    return lettuce.evalsha(
        floor, ScriptOutputType.INTEGER, new String[] {"floor:" + ONE}, "1", "60000000");
  }

  @Benchmark
  public boolean agentops() {
    return ours.tryAcquire(ONE);
  }

  @Benchmark
  public boolean agentopsManyKeys() {
    return ours.tryAcquire(anyKey());
  }

  @Benchmark
  public boolean agentopsBatched() {
    return oursBatched.tryAcquire(ONE);
  }

  @Benchmark
  public void agentopsReserveAndSettle() {
    ours.reserve(ONE, 0).settle(0);
  }

  @Benchmark
  public boolean bucket4jLettuce() {
    return bucket.tryConsume(1);
  }

  @Benchmark
  public boolean bucket4jLettuceManyKeys() {
    return buckets.builder().build("bucket4j:" + anyKey(), () -> configuration).tryConsume(1);
  }

  @Benchmark
  public boolean redisson() {
    return redissonLimiter.tryAcquire();
  }

  private static String anyKey() {
    return "tenant-" + ThreadLocalRandom.current().nextInt(KEYS);
  }
}
