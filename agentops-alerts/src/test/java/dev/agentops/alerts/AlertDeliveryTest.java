package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlertDeliveryTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestClock clock = TestClock.create();
  private final Recorder good = new Recorder();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch hanging = new CountDownLatch(1);
  private AlertManager alerts = AlertManager.builder().clock(clock).build();

  @AfterEach
  void close() {
    release.countDown();
    alerts.close();
  }

  @Test
  void alert_fromManyThreads_arrivesExactlyOnceAtEachHandler() throws Exception {
    int threads = 4;
    int each = 2_000;
    alerts = AlertManager.builder().clock(clock).queueCapacity(threads * each).build();
    Recorder second = new Recorder();
    alerts.addHandler(good);
    alerts.addHandler(second);
    alerts.addHandler(
        alert -> {
          throw new IllegalStateException("down");
        });

    List<Thread> senders =
        IntStream.range(0, threads).mapToObj(t -> new Thread(() -> send(t, each))).toList();
    senders.forEach(Thread::start);
    for (Thread sender : senders) {
      sender.join();
    }

    await().until(() -> good.alerts().size() + second.alerts().size() >= 2 * threads * each);
    assertThat(good.alerts()).hasSize(threads * each).doesNotHaveDuplicates();
    assertThat(second.alerts()).containsExactlyInAnyOrderElementsOf(good.alerts());
    for (int t = 0; t < threads; t++) {
      String prefix = t + ":";
      assertThat(good.messages().stream().filter(m -> m.startsWith(prefix)))
          .as("in the order of the sender")
          .containsExactlyElementsOf(IntStream.range(0, each).mapToObj(i -> prefix + i).toList());
    }
  }

  @Test
  void failure_isRetriedAfterDoublingPausesOfTheClock() {
    AtomicInteger attempts = new AtomicInteger();
    alerts.addHandler(
        alert -> {
          if (attempts.incrementAndGet() < 4) {
            throw new IllegalStateException("down");
          }
        });
    fire("m");

    for (int pause : new int[] {1, 2, 4}) {
      int before = attempts.get();
      await().until(() -> clock.pendingTimers() == 2);
      assertThat(alerts.flush(Duration.ZERO)).isFalse();
      clock.advance(Duration.ofSeconds(pause).minusNanos(1));
      assertThat(clock.pendingTimers()).isEqualTo(2);
      clock.advance(Duration.ofNanos(1));
      await().until(() -> attempts.get() > before);
    }
    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(alerts.stats()).isEqualTo(new AlertStats(1, 1, 0, 0, 0));
    assertThat(attempts).hasValue(4);
  }

  @Test
  void failureOfEveryAttempt_isGivenUpAndTheNextAlertIsTried() {
    AtomicInteger attempts = new AtomicInteger();
    alerts.addHandler(
        alert -> {
          attempts.incrementAndGet();
          if (alert.message().equals("poison")) {
            throw new AssertionError("an Error must not kill the thread");
          }
          good.handle(alert);
        });
    fire("poison");
    fire("next");
    for (int pause : new int[] {1, 2, 4}) { // not more, or the next pause might end with it
      await().until(() -> clock.pendingTimers() == 2);
      clock.advance(Duration.ofSeconds(pause));
    }

    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(good.messages()).containsExactly("next");
    assertThat(attempts).hasValue(5);
    assertThat(alerts.stats()).isEqualTo(new AlertStats(2, 1, 1, 0, 0));
  }

  @Test
  void hangingHandler_delaysNeitherTheOthersNorTheCaller() throws Exception {
    alerts.addHandler(this::hang);
    alerts.addHandler(good);
    fire("a");
    hanging.await();
    fire("b");
    fire("c");

    await().until(() -> good.alerts().size() == 3);
    assertThat(alerts.flush(Duration.ofMillis(1))).isFalse();
    assertThat(alerts.stats()).isEqualTo(new AlertStats(3, 3, 0, 0, 3));
    release.countDown();
    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(alerts.stats()).isEqualTo(new AlertStats(3, 6, 0, 0, 0));
  }

  @Test
  void overflow_dropsTheOldestOfTheLowestLevel() throws Exception {
    alerts = AlertManager.builder().clock(clock).queueCapacity(3).build();
    alerts.addHandler(this::hangOnceThenRecord);
    fire("in hand");
    hanging.await();
    alerts.alert(AlertLevel.WARNING, "w1", Map.of());
    alerts.alert(AlertLevel.INFO, "i1", Map.of());
    alerts.alert(AlertLevel.INFO, "i2", Map.of());

    alerts.alert(AlertLevel.CRITICAL, "c1", Map.of()); // for i1
    alerts.alert(AlertLevel.INFO, "i3", Map.of()); // for i2
    alerts.alert(AlertLevel.CRITICAL, "c2", Map.of()); // for i3
    alerts.alert(AlertLevel.INFO, "i4", Map.of()); // lower than all: itself
    alerts.alert(AlertLevel.CRITICAL, "c3", Map.of()); // for w1
    alerts.alert(AlertLevel.CRITICAL, "c4", Map.of()); // for c1

    assertThat(alerts.settle(SOON)).isTrue();
    assertThat(alerts.stats()).isEqualTo(new AlertStats(10, 0, 0, 6, 4));
    release.countDown();
    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(good.messages()).containsExactly("in hand", "c2", "c3", "c4");
    assertThat(alerts.history()).hasSize(10);
  }

  @Test
  void overflow_underRandomLoad_accountsForEveryAlert() throws Exception {
    Random random = new Random(7);
    alerts = AlertManager.builder().clock(clock).queueCapacity(50).build();
    alerts.addHandler(this::hangOnceThenRecord);
    fire("in hand");
    hanging.await();
    List<AlertLevel> levels = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      AlertLevel level = AlertLevel.values()[random.nextInt(4)];
      levels.add(level);
      alerts.alert(level, String.valueOf(i), Map.of());
    }
    assertThat(alerts.settle(SOON)).isTrue();
    release.countDown();

    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(alerts.stats()).isEqualTo(new AlertStats(5_001, 51, 0, 4_950, 0));
    List<Integer> criticals =
        IntStream.range(0, 5_000)
            .filter(i -> levels.get(i) == AlertLevel.CRITICAL)
            .boxed()
            .toList();
    assertThat(good.messages().stream().skip(1).map(Integer::valueOf))
        .containsExactlyElementsOf(criticals.subList(criticals.size() - 50, criticals.size()));
  }

  @Test
  void flush_whenInterrupted_returnsFalseAndKeepsTheFlag() throws Exception {
    alerts.addHandler(this::hang);
    fire("m");
    hanging.await();
    Thread.currentThread().interrupt();

    assertThat(alerts.flush(Duration.ofSeconds(Long.MAX_VALUE))).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void interruptFlagLeftByAHandler_doesNotDisturbTheNextAlert() throws Exception {
    List<Boolean> flags = new CopyOnWriteArrayList<>();
    alerts.addHandler(
        alert -> {
          flags.add(Thread.interrupted());
          hang(alert);
          Thread.currentThread().interrupt();
        });
    fire("a");
    hanging.await();
    fire("b"); // is there already when a is done: no wait in between that would clear the flag
    release.countDown();

    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(flags).containsExactly(false, false);
  }

  @Test
  void close_deliversWhatIsQueuedWithoutPauses() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    alerts.addHandler(
        alert -> {
          attempts.incrementAndGet();
          throw new IllegalStateException("down");
        });
    alerts.addHandler(this::hangOnceThenRecord);
    fire("a");
    hanging.await();
    fire("b");
    await().until(() -> clock.pendingTimers() == 2);
    release.countDown();
    alerts.close();

    assertThat(good.messages()).containsExactly("a", "b");
    assertThat(attempts).as("a again, and b once").hasValue(3);
    assertThat(alerts.stats()).isEqualTo(new AlertStats(2, 2, 2, 0, 0));
  }

  @Test
  void close_withAHangingHandler_interruptsItAndDropsTheRest() throws Exception {
    alerts.addHandler(this::hang);
    fire("a");
    hanging.await();
    fire("b");
    alerts.close();

    await().until(() -> alerts.stats().failed() == 1);
    assertThat(alerts.stats()).isEqualTo(new AlertStats(2, 0, 1, 1, 0));
  }

  @Test
  void close_whileAnotherThreadCloses_waitsForWhatIsQueuedToo() throws Exception {
    alerts.addHandler(this::hangOnceThenRecord);
    fire("a");
    hanging.await();
    Thread first = new Thread(alerts::close);
    Thread second = new Thread(alerts::close);
    first.start();
    await().until(() -> first.getState() == Thread.State.TIMED_WAITING);
    second.start();
    await().until(() -> second.getState() == Thread.State.TIMED_WAITING);
    release.countDown();
    first.join();
    second.join();

    assertThat(good.messages()).containsExactly("a");
  }

  @Test
  void handlerThatFiresAndCloses_doesNotDeadlock() {
    alerts.addHandler(good);
    alerts.addHandler(
        alert -> {
          if (alert.message().equals("first")) {
            fire("second");
            alerts.close();
          }
        });
    fire("first");

    await().until(() -> good.messages().equals(List.of("first", "second")));
  }

  @Test
  void handlersThatCloseAtOnce_doNotWaitForEachOther() {
    CyclicBarrier both = new CyclicBarrier(2);
    List<Boolean> interrupted = new CopyOnWriteArrayList<>();
    AlertHandler closing =
        alert -> {
          both.await();
          alerts.close();
          interrupted.add(Thread.currentThread().isInterrupted());
        };
    alerts.addHandler(closing);
    alerts.addHandler(closing);
    fire("m");

    await().until(() -> interrupted.size() == 2);
    assertThat(interrupted).containsExactly(false, false);
  }

  private void send(int thread, int count) {
    for (int i = 0; i < count; i++) {
      fire(thread + ":" + i);
    }
  }

  private void fire(String message) {
    alerts.alert(AlertLevel.ERROR, message, Map.of());
  }

  private void hang(Alert alert) throws InterruptedException {
    hanging.countDown();
    release.await();
  }

  private void hangOnceThenRecord(Alert alert) throws InterruptedException {
    hang(alert);
    good.handle(alert);
  }
}
