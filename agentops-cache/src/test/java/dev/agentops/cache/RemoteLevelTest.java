package dev.agentops.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.FaultLog;
import dev.agentops.TestClock;
import dev.agentops.event.CacheStoreEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteLevelTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final RuntimeException DOWN = new IllegalStateException("secret key");

  private final TestClock clock = TestClock.create();
  private final FaultLog faults = new FaultLog(RemoteLevelTest.class, clock);
  private final List<CacheStoreEvent> events = new CopyOnWriteArrayList<>();
  private final EntryFormat<String> format = new EntryFormat<>(Codec.utf8(), 1_000, 100, clock);
  private final FaultyCacheStore store = new FaultyCacheStore();
  private final RemoteLevel<String> level =
      new RemoteLevel<>(store, format, new StoreWatch("answers", clock, faults, events::add));

  @AfterEach
  void close() {
    store.mend();
    level.close();
    Thread.interrupted();
  }

  @Test
  void put_found_withAgeTimeAndTags() throws Exception {
    level.put("k", format.seal("v", Set.of("t"), HOUR, Duration.ofMinutes(5)));
    clock.advance(Duration.ofMinutes(20));

    Found<String> found = level.find("k");

    assertThat(found.value()).isEqualTo("v");
    assertThat(found.tags()).containsExactly("t");
    assertThat(found.age()).isEqualTo(Duration.ofMinutes(20));
    assertThat(found.remaining()).isEqualTo(Duration.ofMinutes(40));
    assertThat(found.keepFor()).isEqualTo(Duration.ofMinutes(45));
    assertThat(level.find("another")).isNull();
    assertThat(level.findAll(List.of("k", "another"))).containsOnlyKeys("k");
    assertThat(level.stats().hitCount()).isEqualTo(2);
    assertThat(level.stats().missCount()).isEqualTo(2);
    assertThat(level.stats().putCount()).isEqualTo(1);
  }

  static List<Throwable> failures() {
    return List.of(
        DOWN,
        new IOException("reset"),
        new NoClassDefFoundError("driver"),
        new StackOverflowError(),
        new CacheStoreException("no answer within 50 ms", null));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void firstFailure_keepsCallersAwayUntilTheStoreIsBack(Throwable failure) throws Exception {
    put("old", "1");
    put("other", "2");
    store.failBefore(operation -> failure);

    assertThat(level.find("old")).isNull();
    assertThat(level.available()).isFalse();
    List<String> first = store.calls();
    assertThat(first.subList(2, first.size())).containsExactly("get old");
    assertThat(level.find("old")).isNull();
    put("old", "new");
    level.delete("other");
    level.clear();
    assertThat(level.findAll(List.of("a", "b"))).isEmpty();
    assertThat(level.claim("c", HOUR, true)).isNull();
    assertThat(level.renew("c", "token", HOUR)).isTrue();
    assertThat(level.putAndRelease("c", "token", seal("v"))).isEqualTo(RemoteLevel.Kept.NOWHERE);
    level.release("c", "token");
    await().until(() -> store.calls().contains("check"));
    assertThat(store.calls()).allMatch(call -> call.equals("check"));
    assertThat(level.stats().away()).isTrue();
    assertThat(level.stats().failureCount()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(7));
    store.mend();
    await().until(level::available);

    assertThat(store.values()).isEmpty();
    assertThat(level.stats().pendingChanges()).isZero();
    put("old", "newest");
    assertThat(level.find("old").value()).isEqualTo("newest");
    await().until(() -> events.size() == 2);
    assertThat(events.get(0).isRecovery()).isFalse();
    assertThat(events.get(0).cache()).isEqualTo("answers");
    assertThat(events.get(0).store()).isEqualTo("faulty");
    assertThat(events.get(0).reason().get())
        .contains(failure.getClass().getSimpleName())
        .doesNotContain("secret");
    assertThat(events.get(1).isRecovery()).isTrue();
    assertThat(events.get(1).away()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void changesWhileAway_reachTheStoreBeforeItIsAskedAgain() throws Exception {
    for (String key : List.of("a1", "a2", "b1", "c1", "d1")) {
      level.put(key, format.seal("old", key.equals("c1") ? Set.of("t") : Set.of(), HOUR, HOUR));
    }
    store.failBefore(operation -> DOWN);
    level.deleteByPrefix("a");
    level.deleteByTag("t");
    put("b1", "new");
    assertThat(level.stats().pendingChanges()).isEqualTo(3);

    store.mend();
    await().until(level::available);

    assertThat(store.values()).containsOnlyKeys("d1");
  }

  @Test
  void tooManyChangesWhileAway_everythingIsForgotten() throws Exception {
    put("old", "1");
    store.failBefore(operation -> DOWN);
    for (int i = 0; i <= StoreCircuit.MAXIMUM_PENDING; i++) {
      level.delete("k" + i);
    }
    assertThat(level.stats().pendingChanges()).isEqualTo(1);
    store.calls();
    store.mend();
    await().until(level::available);

    assertThat(store.values()).isEmpty();
    assertThat(store.calls()).contains("clear").doesNotContain("delete k1");
  }

  @Test
  void failureAfterTheWrite_theKeyIsDeletedAllTheSame() throws Exception {
    store.failAfter(operation -> DOWN);
    put("k", "perhaps");
    assertThat(store.values()).containsKey("k");
    store.mend();
    await().until(level::available);
    assertThat(store.values()).isEmpty();
  }

  @Test
  void failsAgainWhileItIsToldOfChanges_staysAway() throws Exception {
    put("k", "old");
    store.failBefore(operation -> DOWN);
    level.delete("k");
    store.calls();
    store.failBefore(operation -> operation.equals("delete") ? DOWN : null);
    await().until(() -> store.calls().contains("delete k"));
    assertThat(level.available()).isFalse();
    assertThat(level.find("k")).isNull();
    store.mend();
    await().until(level::available);
    assertThat(store.values()).isEmpty();
  }

  @Test
  void refusedPut_isNoOutage_andTheOldValueIsGone() throws Exception {
    put("k", "old");
    store.failBefore(
        operation ->
            operation.startsWith("put") ? CacheStoreException.refusing("full", null) : null);

    put("k", "new");

    assertThat(level.available()).isTrue();
    assertThat(store.values()).isEmpty();
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token");
    assertThat(level.putAndRelease("k", "token", seal("v"))).isEqualTo(RemoteLevel.Kept.NOWHERE);
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token"); // it was released
    assertThat(level.stats().refusalCount()).isEqualTo(2);
    assertThat(level.stats().failureCount()).isZero();
    assertThat(events).isEmpty();
  }

  @Test
  void refusedRead_isAMissAndNoOutage() throws Exception {
    put("k", "v");
    store.failBefore(operation -> CacheStoreException.refusing("busy", null));

    assertThat(level.find("k")).isNull();

    assertThat(level.available()).isTrue();
    assertThat(level.stats().refusalCount()).isEqualTo(1);
    assertThat(level.stats().failureCount()).isZero();
  }

  @Test
  void refusedDelete_isAnOutage() {
    store.failBefore(operation -> CacheStoreException.refusing("full", null));
    level.delete("k");
    assertThat(level.available()).isFalse();
    assertThat(level.stats().pendingChanges()).isEqualTo(1);
  }

  @Test
  void interruptedCaller_isNoOutage_staysInterrupted_andNothingStaleIsFound() throws Exception {
    put("k", "old");
    store.failBefore(operation -> new CacheStoreException("cut", new InterruptedException()));
    assertThat(level.find("k")).isNull();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(level.available()).isTrue();

    level.delete("k");
    assertThat(Thread.interrupted()).isTrue();
    store.failBefore(operation -> operation.equals("delete") ? DOWN : null);
    assertThat(level.find("k")).isNull();
    store.mend();

    await().until(() -> level.stats().pendingChanges() == 0 && level.available());
    assertThat(store.values()).isEmpty();
  }

  @Test
  void storeThatReturnsNull_isAFailure() {
    CacheStore broken = mock(CacheStore.class);
    when(broken.name()).thenReturn("broken");
    when(broken.get("k")).thenReturn(null); // Mockito's own answer would be empty
    RemoteLevel<String> level =
        new RemoteLevel<>(broken, format, new StoreWatch("c", clock, faults, events::add));
    assertThat(level.find("k")).isNull();
    assertThat(level.available()).isFalse();
    level.close();
  }

  @Test
  void listenerThatThrows_isKeptAway() throws Exception {
    RemoteLevel<String> level =
        new RemoteLevel<>(
            store,
            format,
            new StoreWatch(
                "c",
                clock,
                faults,
                event -> {
                  throw DOWN;
                }));
    store.failBefore(operation -> DOWN);
    assertThat(level.find("k")).isNull();
    store.mend();
    await().until(level::available);
    assertThat(faults.count()).isGreaterThanOrEqualTo(3);
    level.close();
  }

  @Test
  void checkThatHangs_costsOneThread_andCloseEndsIt() {
    store.failBefore(operation -> operation.equals("get") ? DOWN : null);
    store.hangInCheck();
    Set<Thread> before = recoveryThreads();
    for (int i = 0; i < 100; i++) {
      level.find("k");
      level.delete("k" + i);
    }
    Set<Thread> mine = recoveryThreads();
    mine.removeAll(before);
    assertThat(mine).hasSize(1).allMatch(Thread::isDaemon);
    await().until(() -> store.calls().contains("check"));

    level.close();

    await().until(() -> !mine.iterator().next().isAlive());
    assertThat(faults.count()).isGreaterThanOrEqualTo(2); // that changes are left is told
  }

  @Test
  void closed_asksNothingMore() throws Exception {
    level.close();
    store.calls();
    put("k", "v");
    level.delete("k");
    assertThat(level.find("k")).isNull();
    assertThat(store.calls()).isEmpty();
    assertThat(level.stats().pendingChanges()).isZero();
  }

  @Test
  void tooLarge_countedAndTheOldOneIsGone() throws Exception {
    put("k", "old");
    put("k", "x".repeat(1_001));
    assertThat(store.values()).isEmpty();
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token");
    assertThat(level.putAndRelease("k", "token", seal("x".repeat(1_001))))
        .isEqualTo(RemoteLevel.Kept.NOWHERE);
    assertThat(level.stats().tooLargeCount()).isEqualTo(2);
  }

  @Test
  void claim_bytesThatDoNotDecode_theLeaseAtOnce() {
    store.values().put("k", "of somebody else".getBytes(UTF_8));
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token");
    assertThat(level.stats().undecodableCount()).isEqualTo(1);
    assertThat(level.claim("k", HOUR, true).retryAfter()).isEqualTo(HOUR);
  }

  @Test
  void putAndRelease_leaseEnded_overtaken() throws Exception {
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token");
    assertThat(level.renew("k", "token", HOUR)).isTrue();
    level.delete("k");
    assertThat(level.renew("k", "token", HOUR)).isFalse();
    assertThat(level.putAndRelease("k", "token", seal("v"))).isEqualTo(RemoteLevel.Kept.OVERTAKEN);
    assertThat(level.claim("k", HOUR, true).token()).isEqualTo("token");
    assertThat(level.putAndRelease("k", "token", seal("v"))).isEqualTo(RemoteLevel.Kept.YES);
    assertThat(level.claim("k", HOUR, true).found().value()).isEqualTo("v");
  }

  @Test
  void otherShape_isAMissThatStays() throws Exception {
    put("k", "v");
    RemoteLevel<byte[]> other =
        new RemoteLevel<>(
            store,
            new EntryFormat<>(Codec.bytes(), 1_000, 100, clock),
            new StoreWatch("c", clock, faults, events::add));
    assertThat(other.find("k")).isNull();
    assertThat(other.stats().undecodableCount()).isZero();
    assertThat(level.find("k").value()).isEqualTo("v");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void storeThatFailsAtRandom_neverThrows_andNothingStaleIsFoundAfterwards(int seed)
      throws Exception {
    Random random = new Random(seed);
    Random faultRandom = new Random(-seed);
    Map<String, String> last = new HashMap<>();
    for (int round = 0; round < 6; round++) {
      store.failBefore(operation -> anyFailure(faultRandom));
      store.failAfter(operation -> anyFailure(faultRandom));
      for (int i = 0; i < 200; i++) {
        change(random, last, "v" + round + '-' + i);
        Thread.interrupted();
      }
      store.mend();
      await().until(() -> level.available() && level.stats().pendingChanges() == 0);
      for (String key : store.values().keySet()) {
        Found<String> found = level.find(key);
        assertThat(found).isNotNull();
        assertThat(found.value()).isEqualTo(last.get(key));
      }
    }
    assertThat(level.stats().failureCount()).isPositive();
  }

  @Test
  void manyThreads_storeThatFailsAtRandom_nothingStaleIsFoundAfterwards() throws Exception {
    AtomicInteger unexpected = new AtomicInteger();
    Map<String, String> last = new ConcurrentHashMap<>();
    store.failBefore(operation -> anyFailure(ThreadLocalRandom.current()));
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int thread = t;
      Thread runner =
          new Thread(
              () -> {
                Random random = new Random(thread);
                Map<String, String> mine = new HashMap<>(); // each thread has keys of its own
                try {
                  for (int i = 0; i < 2_000; i++) {
                    String key = thread + "/" + random.nextInt(20);
                    if (random.nextInt(3) == 0) {
                      level.delete(key);
                      mine.remove(key);
                    } else {
                      put(key, "v" + i);
                      mine.put(key, "v" + i);
                    }
                    Found<String> found = level.find(key);
                    if (found != null && !found.value().equals(mine.get(key))) {
                      unexpected.incrementAndGet();
                    }
                    Thread.interrupted();
                  }
                } catch (Throwable e) {
                  unexpected.incrementAndGet();
                }
                last.putAll(mine);
              });
      runner.start();
      threads.add(runner);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    store.mend();
    await().until(() -> level.available() && level.stats().pendingChanges() == 0);
    assertThat(unexpected).hasValue(0);
    for (String key : store.values().keySet()) {
      assertThat(Optional.ofNullable(level.find(key)).map(Found::value))
          .isEqualTo(Optional.ofNullable(last.get(key)));
    }
  }

  private void change(Random random, Map<String, String> last, String value) throws Exception {
    String key = random.nextInt(4) + "/" + random.nextInt(5);
    switch (random.nextInt(9)) {
      case 0 -> {
        level.delete(key);
        last.remove(key);
      }
      case 1 -> {
        level.deleteByPrefix(key.substring(0, 2));
        last.keySet().removeIf(each -> each.startsWith(key.substring(0, 2)));
      }
      case 2 -> {
        level.deleteByTag("t"); // all have it
        last.clear();
      }
      case 3 -> {
        RemoteLevel.Claimed<String> claimed = level.claim(key, HOUR, true);
        if (claimed != null && claimed.token() != null) {
          level.putAndRelease(key, claimed.token(), format.seal(value, Set.of("t"), HOUR, HOUR));
          last.put(key, value);
        }
      }
      case 4, 5, 6 -> {
        level.put(key, format.seal(value, Set.of("t"), HOUR, HOUR));
        last.put(key, value);
      }
      default -> {
        Found<String> found = level.find(key);
        if (found != null) {
          assertThat(found.value()).isEqualTo(last.get(key));
        }
      }
    }
  }

  private static Throwable anyFailure(Random random) {
    return switch (random.nextInt(100)) {
      case 0 -> DOWN;
      case 1 -> new StackOverflowError();
      case 2, 3 -> new CacheStoreException("cut", new InterruptedException());
      case 4, 5 -> CacheStoreException.refusing("full", null);
      default -> null;
    };
  }

  private static Set<Thread> recoveryThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals("agentops-cache-recovery"));
    return threads;
  }

  private void put(String key, String value) throws Exception {
    level.put(key, seal(value));
  }

  private SealedEntry seal(String value) throws Exception {
    return format.seal(value, Set.of(), HOUR, Duration.ZERO);
  }
}
