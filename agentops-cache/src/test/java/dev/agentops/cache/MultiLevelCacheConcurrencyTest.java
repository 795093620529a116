package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MultiLevelCacheConcurrencyTest {

  private static final int SOON = 20;

  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final MultiLevelCache<String> cache = MultiLevelCache.builder(Codec.utf8()).build();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  @Test
  void getOrCompute_1000Threads_oneLoad() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    List<Future<String>> answers =
        thousand(
            () ->
                cache.getOrCompute(
                    "k",
                    key -> {
                      loads.incrementAndGet();
                      awaitLatch(release);
                      return "value";
                    }));
    await().until(() -> cache.stats().missCount() == 1_000);
    release.countDown();
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("value");
    }
    assertThat(loads).hasValue(1);
    assertThat(cache.stats().loadCount()).isEqualTo(1);
    assertThat(cache.stats().requestCount()).isEqualTo(1_000);
  }

  @Test
  void getOrCompute_instantLoads_oneLoadEach() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    List<Future<Integer>> done = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      done.add(
          pool.submit(
              () -> {
                int wrong = 0;
                for (int i = 0; i < 5_000; i++) {
                  String value =
                      cache.getOrCompute("k" + i, key -> key + "#" + loads.incrementAndGet());
                  wrong += value.startsWith("k" + i + "#") ? 0 : 1;
                }
                return wrong;
              }));
    }
    for (Future<Integer> wrong : done) {
      assertThat(wrong.get()).isZero();
    }
    assertThat(loads).hasValue(5_000);
  }

  @Test
  void getOrCompute_loaderFails_itsOwnExceptionToAllWaiters() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    Error failure = new AssertionError("no answer");
    List<Future<String>> answers =
        thousand(
            () ->
                cache.getOrCompute(
                    "k",
                    key -> {
                      loads.incrementAndGet();
                      awaitLatch(release);
                      throw failure;
                    }));
    await().until(() -> cache.stats().missCount() == 1_000);
    release.countDown();
    Set<Throwable> thrown = new HashSet<>();
    for (Future<String> answer : answers) {
      try {
        answer.get();
      } catch (ExecutionException e) {
        thrown.add(e.getCause());
      }
    }
    assertThat(thrown).containsExactly(failure);
    assertThat(loads).hasValue(1);
    assertThat(cache.stats().loadFailureCount()).isEqualTo(1);
    assertThat(cache.get("k")).isEmpty();
    assertThat(cache.getOrCompute("k", key -> "next")).isEqualTo("next");
  }

  @Test
  void getOrCompute_waiterInterrupted_goesItsOwnWay() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader =
        pool.submit(
            () ->
                cache.getOrCompute(
                    "k",
                    key -> {
                      awaitLatch(release);
                      return "led";
                    }));
    await().until(() -> cache.stats().loadCount() == 1);
    AtomicReference<String> got = new AtomicReference<>();
    AtomicBoolean stillInterrupted = new AtomicBoolean();
    Thread waiter =
        new Thread(
            () -> {
              got.set(cache.getOrCompute("k", key -> "own"));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    waiter.start();
    waiter.interrupt();
    waiter.join();
    assertThat(got).hasValue("own");
    assertThat(stillInterrupted).isTrue();
    release.countDown();
    assertThat(leader.get()).isEqualTo("led");
    assertThat(cache.get("k")).hasValue("led");
  }

  @Test
  void getOrCompute_loadersAskForEachOthersKeys_noneWaitsForItself() throws Exception {
    MultiLevelCache<String> other = MultiLevelCache.builder(Codec.utf8()).build();
    CountDownLatch all = new CountDownLatch(3);
    Future<String> first = pool.submit(() -> asking(all, cache, "k1", other, "k2"));
    Future<String> second = pool.submit(() -> asking(all, other, "k2", cache, "k3"));
    Future<String> third = pool.submit(() -> asking(all, cache, "k3", cache, "k1"));
    for (Future<String> value : List.of(first, second, third)) {
      assertThat(value.get(SOON, TimeUnit.SECONDS)).startsWith("k");
    }
    assertThat(cache.get("k1")).isPresent();
    assertThat(other.get("k2")).isPresent();
    assertThat(cache.get("k3")).isPresent();
  }

  @Test
  void getOrCompute_loadersAskForEachOthersKeysOnOtherThreads_noneWaitsForItself()
      throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Future<String> first =
        pool.submit(() -> cache.getOrCompute("k1", key -> elsewhere(both, "k2")));
    Future<String> second =
        pool.submit(() -> cache.getOrCompute("k2", key -> elsewhere(both, "k1")));
    assertThat(first.get(SOON, TimeUnit.SECONDS)).isNotNull();
    assertThat(second.get(SOON, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void getOrCompute_loaderAsksForItsOwnKeyOnAnotherThread_doesNotWaitForItself() throws Exception {
    Future<String> value =
        pool.submit(
            () ->
                cache.getOrCompute(
                    "k",
                    key ->
                        cache.getOrCompute(
                            "inner", inner -> elsewhere(new CountDownLatch(1), "k"))));
    assertThat(value.get(SOON, TimeUnit.SECONDS)).isEqualTo("own k");
  }

  @Test
  void getOrCompute_inALoaderOfAnotherKey_stillWaitsForALoadUnderWay() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader = slowLoad("k", "led", release);
    Future<String> waiter =
        pool.submit(
            () -> cache.getOrCompute("outer", outer -> cache.getOrCompute("k", key -> "own")));
    await().until(() -> cache.stats().missCount() == 3);
    release.countDown();
    assertThat(waiter.get()).isEqualTo("led");
    assertThat(leader.get()).isEqualTo("led");
    assertThat(cache.stats().loadCount()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void getOrCompute_loadersAskAtRandom_allEnd(long seed) throws Exception {
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(seed * 100 + t);
      done.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  askAtRandom(random, 4);
                  cache.invalidate("k" + random.nextInt(4));
                }
              }));
    }
    for (Future<?> each : done) {
      each.get(SOON, TimeUnit.SECONDS);
    }
  }

  @Test
  void invalidate_duringLoad_loadedValueIsNotKept() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader = slowLoad("k", "old", release);
    cache.invalidate("k");
    assertThat(cache.getOrCompute("k", key -> "new")).isEqualTo("new");
    release.countDown();
    assertThat(leader.get()).isEqualTo("old");
    assertThat(cache.get("k")).hasValue("new");
  }

  @Test
  void invalidateAll_duringLoad_loadedValueIsNotKept() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader = slowLoad("k", "old", release);
    cache.invalidateAll();
    release.countDown();
    assertThat(leader.get()).isEqualTo("old");
    assertThat(cache.get("k")).isEmpty();
  }

  @Test
  void put_duringLoad_isNotOverwritten() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader = slowLoad("k", "loaded", release);
    cache.put("k", "put");
    release.countDown();
    leader.get();
    assertThat(cache.get("k")).hasValue("put");
  }

  @Test
  void write_whileAStoreIsBeingRead_oldValueIsNotPromoted() throws Exception {
    InMemoryCacheStore memory = new InMemoryCacheStore("memory", Clock.system());
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SlowReads slow = new SlowReads(memory, reading, release);
    MultiLevelCache<String> writer = MultiLevelCache.builder(Codec.utf8()).remote(memory).build();
    MultiLevelCache<String> reader = MultiLevelCache.builder(Codec.utf8()).remote(slow).build();
    writer.put("k", "old");
    Future<Optional<String>> read = pool.submit(() -> reader.get("k"));
    awaitLatch(reading);
    reader.put("k", "new");
    release.countDown();
    assertThat(read.get()).hasValue("old"); // asked before it was written
    assertThat(reader.get("k")).hasValue("new");
  }

  @Test
  void invalidate_whileAStoreIsBeingRead_oldValueIsNotPromoted() throws Exception {
    InMemoryCacheStore memory = new InMemoryCacheStore("memory", Clock.system());
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SlowReads slow = new SlowReads(memory, reading, release);
    InMemoryCacheStore near = new InMemoryCacheStore("near", Clock.system());
    MultiLevelCache<String> writer = MultiLevelCache.builder(Codec.utf8()).remote(memory).build();
    MultiLevelCache<String> reader =
        MultiLevelCache.builder(Codec.utf8()).remote(near).remote(slow).build();
    writer.put("k", "old");
    Future<Optional<String>> read = pool.submit(() -> reader.get("k"));
    awaitLatch(reading);
    reader.invalidate("k");
    release.countDown();
    read.get();
    assertThat(reader.get("k")).isEmpty();
    assertThat(near.get("cache:k")).isEmpty();
  }

  @Test
  void invalidate_whileAValueIsBeingPromoted_promotionIsTakenBack() throws Exception {
    InMemoryCacheStore far = new InMemoryCacheStore("far", Clock.system());
    InMemoryCacheStore near = new InMemoryCacheStore("near", Clock.system());
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    MultiLevelCache<String> writer = MultiLevelCache.builder(Codec.utf8()).remote(far).build();
    MultiLevelCache<String> reader =
        MultiLevelCache.builder(Codec.utf8())
            .remote(new SlowWrites(near, writing, release))
            .remote(far)
            .build();
    writer.put("k", "old");
    Future<Optional<String>> read = pool.submit(() -> reader.get("k"));
    awaitLatch(writing);
    reader.invalidate("k");
    release.countDown();
    read.get();
    assertThat(near.get("cache:k")).isEmpty();
    assertThat(reader.get("k")).isEmpty();
  }

  @Test
  void getOrCompute_loadedBetweenMissAndStart_notLoadedAgain() {
    TestClock time = TestClock.create();
    AtomicReference<Runnable> whileLooking = new AtomicReference<>();
    MultiLevelCache<String> timed =
        MultiLevelCache.builder(Codec.utf8()).clock(new HookedClock(time, whileLooking)).build();
    timed.put("k", "over", Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));
    whileLooking.set(() -> timed.getOrCompute("k", key -> "first"));
    assertThat(timed.getOrCompute("k", key -> "second")).isEqualTo("first");
    assertThat(timed.stats().loadCount()).isEqualTo(1);
  }

  @Test
  void invalidate_amongReadersAndLoaders_nothingOlderSurvives() throws Exception {
    InMemoryCacheStore memory = new InMemoryCacheStore("memory", Clock.system());
    MultiLevelCache<String> busy =
        MultiLevelCache.builder(Codec.utf8()).maximumSize(4).remote(memory).build();
    AtomicInteger truth = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<?>> readers = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      int thread = t;
      readers.add(
          pool.submit(
              () -> {
                for (int i = 0; !stop.get(); i++) {
                  if (thread % 2 == 0) {
                    busy.getOrCompute("k", key -> String.valueOf(truth.get()));
                  } else {
                    busy.get("k");
                    busy.getOrCompute("other" + i % 16, key -> "x"); // pushes k out now and then
                  }
                }
              }));
    }
    for (int i = 1; i <= 3_000; i++) {
      truth.set(i);
      busy.invalidate("k");
      int seen = Integer.parseInt(busy.getOrCompute("k", key -> String.valueOf(truth.get())));
      assertThat(seen).isEqualTo(i);
      busy.get("k").ifPresent(v -> assertThat(Integer.parseInt(v)).isEqualTo(truth.get()));
    }
    stop.set(true);
    for (Future<?> reader : readers) {
      reader.get();
    }
  }

  @Test
  void warmUp_loadsWhatIsMissing_andReportsFailures() {
    cache.put("there", "already");
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<String> keys = new ArrayList<>(List.of("there", "bad", "k0"));
    IntStream.range(0, 200).forEach(i -> keys.add("k" + i));
    IllegalStateException failure = new IllegalStateException("bad");
    WarmUpReport report =
        cache.warmUp(
            keys,
            key -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              try {
                if (key.equals("bad")) {
                  throw failure;
                }
                return key + "!";
              } finally {
                now.decrementAndGet();
              }
            });
    assertThat(report.presentCount()).isEqualTo(201);
    assertThat(report.failures()).isEqualTo(Map.of("bad", failure));
    assertThat(report.complete()).isFalse();
    assertThat(most.get()).isBetween(1, 8);
    assertThat(cache.get("k199")).hasValue("k199!");
    assertThat(cache.get("there")).hasValue("already");
    assertThat(cache.warmUp(List.of(), key -> "x").complete()).isTrue();
  }

  @Test
  void warmUp_usesHelpers_inTheCallersContext() {
    CountDownLatch together = new CountDownLatch(8);
    Set<String> users = ConcurrentHashMap.newKeySet();
    try (Scope scope = AgentOps.with().build().scope(Attributes.of("user.id", "alice"))) {
      cache.warmUp(
          IntStream.range(0, 8).mapToObj(i -> "k" + i).toList(),
          key -> {
            users.add(String.valueOf(Context.current().attributes().get("user.id")));
            together.countDown();
            awaitLatch(together); // passes only when all eight run at once
            return "v";
          });
    }
    assertThat(users).containsExactly("alice");
  }

  @Test
  void warmUp_interrupted_stopsAndSaysWhatIsMissing() {
    Thread.currentThread().interrupt();
    WarmUpReport report = cache.warmUp(List.of("only"), key -> "v");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.presentCount()).isZero();
    assertThat(report.failures().get("only")).isInstanceOf(CancellationException.class);
  }

  @Test
  void warmUp_nullKey_isAFailureOfTheReport() {
    WarmUpReport report = cache.warmUp(Arrays.asList("a", null, "b", null), key -> "v");
    assertThat(report.presentCount()).isEqualTo(2);
    assertThat(report.failures()).containsOnlyKeys("null");
    assertThat(report.failures().get("null")).isInstanceOf(NullPointerException.class);
  }

  /** The value of a key whose loader, once all are loading, asks for another key. */
  private static String asking(
      CountDownLatch all,
      MultiLevelCache<String> cache,
      String key,
      MultiLevelCache<String> othersCache,
      String othersKey) {
    return cache.getOrCompute(
        key,
        k -> {
          all.countDown();
          awaitLatch(all);
          return k + othersCache.getOrCompute(othersKey, own -> "own " + own);
        });
  }

  /** Asks for a key on another thread and waits for it, once all are at it. */
  private String elsewhere(CountDownLatch all, String key) {
    all.countDown();
    awaitLatch(all);
    Callable<String> task = Scope.wrap(() -> cache.getOrCompute(key, own -> "own " + own));
    try {
      return pool.submit(task).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private String askAtRandom(Random random, int depth) {
    return cache.getOrCompute(
        "k" + random.nextInt(4), key -> depth == 0 ? key : key + askAtRandom(random, depth - 1));
  }

  private Future<String> slowLoad(String key, String value, CountDownLatch release) {
    Future<String> leader =
        pool.submit(
            () ->
                cache.getOrCompute(
                    key,
                    k -> {
                      awaitLatch(release);
                      return value;
                    }));
    await().until(() -> cache.stats().loadCount() == 1);
    return leader;
  }

  private <T> List<Future<T>> thousand(Callable<T> task) {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      futures.add(
          pool.submit(
              () -> {
                start.await();
                return task.call();
              }));
    }
    start.countDown();
    return futures;
  }

  static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads at once and answers late, the first time. */
  private record SlowReads(CacheStore store, CountDownLatch reading, CountDownLatch release)
      implements CacheStore {

    @Override
    public Optional<byte[]> get(String key) {
      Optional<byte[]> bytes = store.get(key);
      reading.countDown();
      awaitLatch(release);
      return bytes;
    }

    @Override
    public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
      store.put(key, value, timeToLive, tags);
    }

    @Override
    public void delete(String key) {
      store.delete(key);
    }

    @Override
    public void deleteByPrefix(String prefix) {
      store.deleteByPrefix(prefix);
    }

    @Override
    public void deleteByTag(String tag) {
      store.deleteByTag(tag);
    }

    @Override
    public void clear() {
      store.clear();
    }

    @Override
    public void check() {
      store.check();
    }
  }

  /** Writes late. */
  private record SlowWrites(CacheStore store, CountDownLatch writing, CountDownLatch release)
      implements CacheStore {

    @Override
    public Optional<byte[]> get(String key) {
      return store.get(key);
    }

    @Override
    public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
      writing.countDown();
      awaitLatch(release);
      store.put(key, value, timeToLive, tags);
    }

    @Override
    public void delete(String key) {
      store.delete(key);
    }

    @Override
    public void deleteByPrefix(String prefix) {
      store.deleteByPrefix(prefix);
    }

    @Override
    public void deleteByTag(String tag) {
      store.deleteByTag(tag);
    }

    @Override
    public void clear() {
      store.clear();
    }

    @Override
    public void check() {
      store.check();
    }
  }

  /**
   * Does something, once, when the cache next looks at the time: it has an entry in its hands then.
   */
  private record HookedClock(Clock clock, AtomicReference<Runnable> hook) implements Clock {

    @Override
    public Instant now() {
      return clock.now();
    }

    @Override
    public long nanoTime() {
      Runnable once = hook.getAndSet(null);
      if (once != null) {
        once.run();
      }
      return clock.nanoTime();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return clock.schedule(delay, task);
    }
  }
}
