package dev.agentops.cache;

import com.alicp.jetcache.MultiLevelCacheBuilder;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import com.alicp.jetcache.support.JavaValueDecoder;
import com.alicp.jetcache.support.JavaValueEncoder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentops.cache.redis.RedisCacheStore;
import dev.agentops.testing.TestRedis;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
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
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * A hit in this process's memory, beside the usual ways, in one run; where there are two levels the
 * second is a Redis.
 *
 * <p>{@code ./mvnw -q -Pjmh -Dbench=cache -Djmh.args="LocalHitBenchmark -prof gc"}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LocalHitBenchmark {

  private static final int MAXIMUM = 100_000;

  private TestRedis redis;
  private RedisClient lettuce;
  private RedisClient tracking;
  private RedissonClient redisson;
  private MultiLevelCache<String> ours;
  private MultiLevelCache<String> oursWithRedis;
  private Cache<String, String> caffeine;
  private CaffeineCache spring;
  private com.alicp.jetcache.Cache<String, String> jetCache;
  private RLocalCachedMap<String, String> localCachedMap;
  private CacheFrontend<String, String> clientSide;

  @Setup
  public void prepare() {
    redis = TestRedis.start();
    ours = MultiLevelCache.builder(Codec.utf8()).maximumSize(MAXIMUM).build();
    oursWithRedis =
        MultiLevelCache.builder(Codec.utf8())
            .maximumSize(MAXIMUM)
            .remote(RedisCacheStore.connect(redis.uri()))
            .build();
    caffeine = Caffeine.newBuilder().maximumSize(MAXIMUM).build();
    spring =
        new CaffeineCache(
            "spring",
            Caffeine.newBuilder()
                .maximumSize(MAXIMUM)
                .expireAfterWrite(Duration.ofHours(1))
                .build());
    lettuce = RedisClient.create(redis.uri());
    jetCache =
        MultiLevelCacheBuilder.createMultiLevelCacheBuilder()
            .addCache(
                CaffeineCacheBuilder.createCaffeineCacheBuilder()
                    .limit(MAXIMUM)
                    .expireAfterWrite(1, TimeUnit.HOURS)
                    .buildCache(),
                RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
                    .keyConvertor(key -> key)
                    .valueEncoder(JavaValueEncoder.INSTANCE)
                    .valueDecoder(JavaValueDecoder.INSTANCE)
                    .redisClient(lettuce)
                    .keyPrefix("jetcache:")
                    .expireAfterWrite(1, TimeUnit.HOURS)
                    .buildCache())
            .expireAfterWrite(1, TimeUnit.HOURS)
            .buildCache();
    Config config = new Config();
    config.setCodec(new StringCodec());
    config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
    redisson = Redisson.create(config);
    localCachedMap =
        redisson.getLocalCachedMap(
            LocalCachedMapOptions.<String, String>name("redisson")
                .cacheSize(MAXIMUM)
                .cacheProvider(LocalCachedMapOptions.CacheProvider.CAFFEINE)
                .evictionPolicy(LocalCachedMapOptions.EvictionPolicy.LRU));
    tracking = RedisClient.create(redis.uri());
    tracking.setOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP3).build());
    clientSide =
        ClientSideCaching.enable(
            CacheAccessor.forMap(new ConcurrentHashMap<>()),
            tracking.connect(),
            TrackingArgs.Builder.enabled());
    for (String key : BenchmarkKeys.KEYS) {
      fill(key, BenchmarkKeys.VALUE);
    }
  }

  @TearDown
  public void end() {
    oursWithRedis.close();
    redisson.shutdown();
    lettuce.shutdown();
    tracking.shutdown();
    redis.close();
  }

  @Benchmark
  public Object caffeineGetIfPresent(BenchmarkKeys keys) {
    return caffeine.getIfPresent(keys.next());
  }

  @Benchmark
  public Object agentopsGet(BenchmarkKeys keys) {
    return ours.get(keys.next());
  }

  @Benchmark
  public Object agentopsGetOrCompute(BenchmarkKeys keys) {
    return ours.getOrCompute(keys.next(), key -> "none");
  }

  @Benchmark
  public Object agentopsWithRedisGetOrCompute(BenchmarkKeys keys) {
    return oursWithRedis.getOrCompute(keys.next(), key -> "none");
  }

  @Benchmark
  public Object springCaffeineCacheGet(BenchmarkKeys keys) {
    return spring.get(keys.next());
  }

  @Benchmark
  public Object jetCacheTwoLevelsGet(BenchmarkKeys keys) {
    return jetCache.get(keys.next());
  }

  @Benchmark
  public Object redissonLocalCachedMapGet(BenchmarkKeys keys) {
    return localCachedMap.get(keys.next());
  }

  @Benchmark
  public Object lettuceClientSideCachingGet(BenchmarkKeys keys) {
    return clientSide.get(keys.next());
  }

  private void fill(String key, String value) {
    ours.put(key, value);
    oursWithRedis.put(key, value);
    caffeine.put(key, value);
    spring.put(key, value);
    jetCache.put(key, value);
    localCachedMap.fastPut(key, value);
    localCachedMap.get(key);
    clientSide.get(key, () -> value);
  }
}
