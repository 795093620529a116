package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RateLimitStoreEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls, and of the reservations under way, when a store fails. */
@Timeout(60)
class StoreFailureTest {

  private final TestClock clock = TestClock.create();
  private final FailingStore store = new FailingStore();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void storeAway_local_enforcesTheLimitsInThisProcess() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    assertThat(limiter.tryAcquire("k", 100)).isTrue();
    assertThat(limiter.tryAcquire("k", 1)).isFalse();

    store.down = true;
    assertThat(limiter.tryAcquire("k", 100)).isTrue();
    assertThat(limiter.tryAcquire("k", 1)).isFalse();
    assertThat(limiter.probe("k").allowed()).isTrue();

    assertThat(limiter.stats().storeAway()).isTrue();
    assertThat(limiter.stats().storeOutages()).isEqualTo(1);
    assertThat(limiter.stats().fallbacks()).isEqualTo(2);
  }

  @Test
  void storeAway_refuse_refusesWithAReason() {
    RateLimiter limiter = limiter(StoreFailure.REFUSE);
    store.down = true;

    assertThat(limiter.tryAcquire("k")).isFalse();
    assertThatThrownBy(() -> limiter.reserve("k", 1))
        .isInstanceOf(RateLimitExceededException.class)
        .hasMessageContaining("the store is away");
    assertThat(limiter.probe("k").retryAfter()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void storeAway_allow_letsAllThrough() {
    RateLimiter limiter = limiter(StoreFailure.ALLOW);
    store.down = true;

    for (int i = 0; i < 20; i++) {
      limiter.reserve("k", 100).settle(300);
      assertThat(limiter.tryAcquire("k", 1_000)).isTrue();
    }
    limiter.reserve("k", 1).cancel();
  }

  @Test
  void storeAway_nobodyTouchesItUntilItIsBack() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    store.down = true;
    limiter.tryAcquire("k");
    int asked = store.asked.get();
    for (int i = 0; i < 50; i++) {
      limiter.tryAcquire("k");
    }
    assertThat(store.asked).hasValue(asked);

    store.down = false;
    await().until(() -> !limiter.stats().storeAway());
    limiter.tryAcquire("k");

    assertThat(store.asked).hasValue(asked + 1);
    assertThat(events).hasSize(2);
    assertThat(events.get(0))
        .isInstanceOfSatisfying(
            RateLimitStoreEvent.class,
            lost -> {
              assertThat(lost.isRecovery()).isFalse();
              assertThat(lost.limiter()).isEqualTo("shared");
              assertThat(lost.reason().orElseThrow()).contains("down");
            });
    assertThat(events.get(1)).asString().contains("is back after");
  }

  @Test
  void settle_whileTheStoreIsAway_isDeliveredWhenItIsBack() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    Reservation settled = limiter.reserve("k", 60);
    Reservation cancelled = limiter.reserve("k", 40);
    store.down = true;
    settled.settle(10);
    cancelled.cancel();
    assertThat(store.ended).isEmpty();

    store.down = false;

    await().until(() -> !limiter.stats().storeAway());
    assertThat(store.ended).containsExactly("settle 10", "cancel");
    assertThat(limiter.tryAcquire("k", 90)).isTrue();
    assertThat(limiter.stats().lostSettlements()).isZero();
  }

  @Test
  void settle_refusedByTheStore_isCountedAndNoOutage() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    Reservation reservation = limiter.reserve("k", 60);
    store.refuses = () -> true;

    reservation.settle(10);
    assertThat(limiter.tryAcquire("k")).as("decided here").isTrue();

    assertThat(limiter.stats().storeAway()).isFalse();
    assertThat(limiter.stats().lostSettlements()).isEqualTo(1);
    assertThat(limiter.stats().storeFailures()).isEqualTo(2);
  }

  @Test
  void settle_moreThanCanWait_countsTheLost() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    List<Reservation> all = new ArrayList<>();
    for (int i = 0; i < StoreCircuit.MAXIMUM_PENDING + 5; i++) {
      all.add(limiter.reserve("key-" + i, 1));
    }
    store.down = true;

    all.forEach(Reservation::cancel);

    assertThat(limiter.stats().lostSettlements()).isEqualTo(5);
  }

  @Test
  void settle_interruptedThread_stillEndsInTheStore() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    Reservation reservation = limiter.reserve("k", 60);

    Thread.currentThread().interrupt();
    reservation.settle(10);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.ended).containsExactly("settle 10");
  }

  @Test
  void penalize_whileAway_holdsInThisProcess() {
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    store.down = true;

    limiter.penalize("k", Duration.ofMinutes(1));

    assertThat(limiter.tryAcquire("k")).isFalse();
    clock.advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  /** The time for which all are held up ends between two readings of the clock. */
  @Test
  void penalizeAll_thatEndsMeanwhile_letsNothingPassByTheStore() {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerDay(5).clock(new TickingClock()).store(store).build();
    limiter.penalizeAll(TickingClock.TICK.multipliedBy(3).dividedBy(2));

    assertThat(limiter.tryAcquire("k")).isFalse();
    assertThat(store.asked).hasValue(0);
    assertThat(limiter.tryAcquire("k")).isTrue();
    assertThat(store.asked).hasValue(1);
  }

  /** Whatever the store does, nothing but a refusal comes out, and each reservation ends. */
  @Test
  void store_failingAtRandom_neverThrowsIntoTheAgent() {
    Random random = new Random(42);
    RateLimiter limiter = limiter(StoreFailure.LOCAL);
    store.refuses = () -> random.nextInt(10) == 0;
    int reserved = 0;
    for (int i = 0; i < 3_000; i++) {
      store.down = random.nextInt(20) == 0;
      store.answersNull = random.nextInt(20) == 0;
      String key = "key-" + random.nextInt(50);
      Throwable thrown =
          catchThrowable(
              () -> {
                Reservation reservation = limiter.reserve(key, random.nextInt(30));
                limiter.penalize("bad", Duration.ofMillis(1));
                limiter.probe(key);
                reservation.settle(random.nextInt(60));
              });
      if (thrown == null) {
        reserved++;
      } else {
        assertThat(thrown).isInstanceOf(RateLimitExceededException.class);
      }
      clock.advance(Duration.ofMinutes(1));
    }
    store.down = false;
    store.answersNull = false;
    store.refuses = () -> false;

    assertThat(reserved).isPositive();
    await().until(() -> !limiter.stats().storeAway());
    assertThat(limiter.tryAcquire("fresh")).isTrue();
  }

  private RateLimiter limiter(StoreFailure onFailure) {
    return RateLimiter.builder()
        .name("shared")
        .tokensPerDay(100)
        .clock(clock)
        .store(store)
        .onStoreFailure(onFailure)
        .listener(events::add)
        .build();
  }

  /** A store in memory that fails when told to. */
  private final class FailingStore implements RateLimitStore {

    final RateLimiter memory =
        RateLimiter.builder().name("memory").tokensPerDay(100).clock(clock).build();
    final List<String> ended = new CopyOnWriteArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean down;
    volatile boolean answersNull;
    volatile BooleanSupplier refuses = () -> false;

    @Override
    public Decision take(List<Cell> cells, Duration maxWait) {
      ask();
      if (answersNull) {
        return null; // as no store may
      }
      try {
        Reservation reservation = memory.reserve(cells.get(0).key(), cells.get(0).demand());
        return Decision.granted(0, null, new MemoryTicket(reservation));
      } catch (RateLimitExceededException e) {
        return Decision.refused(e.retryAfter().toNanos(), "" + e.limit());
      }
    }

    @Override
    public Decision probe(List<Cell> cells) {
      ask();
      RateLimiter.Probe probe = memory.probe(cells.get(0).key(), cells.get(0).demand());
      return probe.allowed()
          ? Decision.fits()
          : Decision.refused(probe.retryAfter().toNanos(), "100 tokens per day");
    }

    @Override
    public void settle(Ticket ticket, long inputTokens, long outputTokens) {
      ask();
      ended.add("settle " + (inputTokens + outputTokens));
      ((MemoryTicket) ticket).reservation.settle(inputTokens, outputTokens);
    }

    @Override
    public void cancel(Ticket ticket) {
      ask();
      ended.add("cancel");
      ((MemoryTicket) ticket).reservation.cancel();
    }

    @Override
    public void penalize(String key, Duration time) {
      ask();
      memory.penalize(key, time);
    }

    @Override
    public void observe(String key, Map<Limit, Long> left) {
      ask();
    }

    @Override
    public void check() {
      if (down) {
        throw new RateLimitStoreException("still down", null);
      }
    }

    @Override
    public void close() {
      // nothing is open
    }

    private void ask() {
      asked.incrementAndGet();
      if (down) {
        throw new RateLimitStoreException("the store is down", null);
      }
      if (refuses.getAsBoolean()) {
        throw RateLimitStoreException.refusing("not this one", null);
      }
    }
  }

  private record MemoryTicket(Reservation reservation) implements RateLimitStore.Ticket {}
}
