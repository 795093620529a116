package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import dev.agentops.ratelimit.RateLimitStore.Decision;
import dev.agentops.ratelimit.RateLimits;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that are taken ahead of, by two processes' stores; no time goes by at Redis. */
class RedisBatchTest {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Demand CALL = Demand.of(0, 0);

  private static TestRedis redis;

  private final AtomicLong micros = new AtomicLong(1_800_000_000_000_000L);
  private final List<RedisRateLimitStore> stores = new ArrayList<>();

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.commands().flushall();
  }

  @AfterEach
  void close() {
    stores.forEach(RedisRateLimitStore::close);
  }

  private RedisRateLimitStore store(int permits, Duration kept) {
    RedisRateLimitStore store =
        RedisRateLimitStore.builder(redis.uri())
            .timeout(Duration.ofSeconds(5))
            .timeMicros(micros::get)
            .batch(permits, kept)
            .build();
    stores.add(store);
    return store;
  }

  @Test
  void hotKey_isTakenAheadOf_inFewRoundTrips() {
    RedisRateLimitStore store = store(100, LONG);
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(1_000).build(), CALL);
    long before = redis.count("evalsha");

    int granted = 0;
    for (int i = 0; i < 2_000; i++) {
      granted += granted(store, cell);
    }

    assertThat(granted).isEqualTo(1_000);
    assertThat(redis.count("evalsha") - before).isBetween(10L, 40L);
  }

  @Test
  void coldKey_isNot() {
    RedisRateLimitStore store = store(100, Duration.ofNanos(1));
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(100).build(), CALL);

    for (int i = 0; i < 50; i++) {
      assertThat(granted(store, cell)).isEqualTo(1);
    }

    RedisRateLimitStore other = store(1, LONG);
    assertThat(other.probe(List.of(cell)).granted()).isTrue();
    for (int i = 0; i < 50; i++) {
      assertThat(granted(other, cell)).isEqualTo(1);
    }
    assertThat(granted(other, cell)).isZero();
  }

  @Test
  void twoNodes_underConcurrency_takeTogetherWhatTheLimitsAllow() throws Exception {
    List<RedisRateLimitStore> nodes = List.of(store(50, LONG), store(20, LONG));
    RateLimits limits =
        RateLimits.builder().requestsPerDay(3_000).tokensPerDay(40_000).outputTokensPerDay(25_000).build();
    RateLimits total = RateLimits.builder().requestsPerDay(4_000).build();
    AtomicLong requests = new AtomicLong();
    AtomicLong tokens = new AtomicLong();
    AtomicLong output = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      RedisRateLimitStore node = nodes.get(t % 2);
      Random random = new Random(t);
      all.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 800; i++) {
                  Demand demand = Demand.of(random.nextInt(10), random.nextInt(12));
                  List<Cell> cells =
                      List.of(Cell.of("a", limits, demand), Cell.of("*", total, demand));
                  Decision decision = node.take(cells, Duration.ZERO);
                  if (!decision.granted()) {
                    continue;
                  }
                  if (random.nextInt(5) == 0) {
                    node.cancel(Objects.requireNonNull(decision.ticket()));
                    continue;
                  }
                  long in = demand.inputTokens() / 2;
                  node.settle(Objects.requireNonNull(decision.ticket()), in, demand.outputTokens());
                  requests.incrementAndGet();
                  tokens.addAndGet(in + demand.outputTokens());
                  output.addAndGet(demand.outputTokens());
                }
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }
    pool.shutdown();
    nodes.forEach(RedisRateLimitStore::close); // gives back what is left
    stores.clear();

    assertThat(requests.get()).isLessThanOrEqualTo(3_000);
    assertThat(tokens.get()).isLessThanOrEqualTo(40_000);
    assertThat(output.get()).isLessThanOrEqualTo(25_000);
    RedisRateLimitStore single = store(1, LONG);
    long left = 3_000 - requests.get();
    for (int i = 0; i < left; i++) {
      assertThat(granted(single, Cell.of("a", limits, CALL))).as("%d of %d", i, left).isEqualTo(1);
    }
    assertThat(granted(single, Cell.of("a", limits, CALL))).isZero();
  }

  @Test
  void whatIsNotUsed_isGivenBack() {
    RedisRateLimitStore store = store(1_000, Duration.ofMillis(300));
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(100).build(), CALL);
    for (int i = 0; i < 10; i++) {
      assertThat(granted(store, cell)).isEqualTo(1);
    }

    RedisRateLimitStore other = store(1, LONG);
    int[] granted = {10};
    await().untilAsserted(() -> assertThat(granted[0] += granted(other, cell)).isEqualTo(100));
    assertThat(granted(other, cell)).isZero();
  }

  @Test
  void cancelledShare_canBeTakenAgain_andOnlyOnce() {
    RedisRateLimitStore store = store(100, LONG);
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(10).build(), CALL);
    List<Decision> taken = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      taken.add(store.take(List.of(cell), Duration.ZERO));
    }
    assertThat(granted(store, cell)).isZero();

    for (Decision decision : taken.subList(5, 10)) {
      store.cancel(Objects.requireNonNull(decision.ticket()));
      store.cancel(decision.ticket());
    }

    for (int i = 0; i < 5; i++) {
      assertThat(granted(store, cell)).isEqualTo(1);
    }
    assertThat(granted(store, cell)).isZero();
  }

  @Test
  void penalty_endsWhatWasTakenAhead() {
    RedisRateLimitStore store = store(100, LONG);
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(100).build(), CALL);
    for (int i = 0; i < 10; i++) {
      assertThat(granted(store, cell)).isEqualTo(1);
    }

    store.penalize("a", Duration.ofHours(1));

    assertThat(granted(store, cell)).isZero();
    assertThat(store.probe(List.of(cell)).granted()).isFalse();
  }

  @Test
  void limitsThatChange_countAtOnce() {
    RedisRateLimitStore store = store(100, LONG);
    for (int i = 0; i < 10; i++) {
      assertThat(granted(store, Cell.of("a", perDay(100), CALL))).isEqualTo(1);
    }

    int granted = 0;
    for (int i = 0; i < 50; i++) {
      granted += granted(store, Cell.of("a", perDay(10), CALL));
    }

    assertThat(granted).isEqualTo(9); // a tenth was used
  }

  @Test
  void concurrency_isNeverTakenAhead() {
    RedisRateLimitStore store = store(100, LONG);
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(100).concurrency(3).build(), CALL);
    for (int i = 0; i < 3; i++) {
      assertThat(granted(store, cell)).isEqualTo(1);
    }

    assertThat(granted(store, cell)).isZero();
    assertThat(redis.commands().zcard("{agentops:limit}:c:a")).isEqualTo(3);
  }

  private static RateLimits perDay(long requests) {
    return RateLimits.builder().requestsPerDay(requests).build();
  }

  private static int granted(RedisRateLimitStore store, Cell cell) {
    return store.take(List.of(cell), Duration.ZERO).granted() ? 1 : 0;
  }
}
