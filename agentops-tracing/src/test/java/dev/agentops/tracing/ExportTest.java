package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExportTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestClock clock = TestClock.create();
  private final Recording other = new Recording();

  @Test
  void export_sendsEachSpanOnceInBatches() {
    Tracer tracer = Tracer.builder().clock(clock).exporter(other).build();
    for (int i = 0; i < 1_200; i++) {
      tracer.startTrace("agent " + i, "act").close();
    }

    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(other.sent).extracting(Span::agentName).hasSize(1_200).doesNotHaveDuplicates();
    assertThat(other.largest.get()).isEqualTo(512);
    assertThat(tracer.exportedSpans()).isEqualTo(1_200);
    assertThat(tracer.waitingSpans()).isZero();
    assertThat(tracer.spans()).hasSize(1_200); // the store has them, too
    tracer.close();
    assertThat(other.closed).isTrue();
  }

  @Test
  void export_runsOnAThreadOfItsOwnAfterASecond() {
    Tracer tracer = Tracer.builder().clock(clock).exporter(other).build();
    tracer.startTrace("agent", "act").close();
    tracer.spans(); // does the background thread's work
    clock.advance(Duration.ofSeconds(1));

    await().atMost(PATIENCE).until(() -> other.sent.size() == 1);
    assertThat(other.thread).startsWith("agentops-export");
    tracer.close();
  }

  @Test
  void export_deadForAnHour_losesNothingWhileThereIsRoom() {
    other.failure = new IOException("connection refused");
    Tracer tracer = Tracer.builder().clock(clock).exporter(other).build();
    for (int minute = 0; minute < 60; minute++) {
      tracer.startTrace("agent " + minute, "act").close();
      tracer.spans();
      clock.advance(Duration.ofMinutes(1));
    }
    await().atMost(PATIENCE).until(() -> other.attempts.get() > 0);
    assertThat(tracer.lostSpans()).isZero();
    assertThat(other.sent).isEmpty();

    other.failure = null;
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              clock.advance(Duration.ofMinutes(1));
              return other.sent.size() == 60;
            });
    assertThat(other.sent).extracting(Span::agentName).doesNotHaveDuplicates();
    tracer.close();
  }

  @Test
  void export_deadAndQueueFull_losesTheOldestAndCounts() {
    other.failure = new IOException("connection refused");
    Tracer tracer =
        Tracer.builder().clock(clock).exporter(other).maximumExportBytes(200_000).build();
    for (int i = 0; i < 1_000; i++) {
      tracer.startTrace("agent " + i, "act").setInput("x".repeat(1_000)).close();
      if (i % 100 == 0) {
        tracer.spans();
        clock.advance(Duration.ofMinutes(2));
      }
    }
    tracer.spans();

    assertThat(tracer.flush(PATIENCE)).isFalse();
    assertThat(tracer.waitingSpans()).isBetween(50L, 200L);
    assertThat(tracer.lostSpans() + tracer.waitingSpans()).isEqualTo(1_000);
    other.failure = null;
    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(other.sent).extracting(Span::agentName).contains("agent 999");
    assertThat(tracer.lostSpans() + other.sent.size()).isEqualTo(1_000);
    tracer.close();
  }

  @Test
  void export_refusedForGood_isLostAndTheNextIsSent() {
    other.failure = new IllegalArgumentException("400 Bad Request");
    Tracer tracer = Tracer.builder().clock(clock).exporter(other).build();
    tracer.startTrace("bad", "act").close();
    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(tracer.lostSpans()).isEqualTo(1);

    other.failure = null;
    tracer.startTrace("good", "act").close();
    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(other.sent).extracting(Span::agentName).containsExactly("good");
    tracer.close();
  }

  @Test
  void export_hangs_callersAndOtherExportersGoOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    SpanExporter hanging =
        spans -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        };
    Tracer tracer = Tracer.builder().clock(clock).exporter(hanging).exporter(other).build();
    for (int i = 0; i < 600; i++) {
      tracer.startTrace("agent", "act").close();
    }
    tracer.spans();

    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(1)); // the rest of a batch waits for its time anew
              return other.sent.size() == 600;
            });
    assertThat(tracer.spans()).hasSize(600);
    assertThat(tracer.flush(Duration.ofMillis(1))).isFalse();
    release.countDown();
    assertThat(tracer.flush(PATIENCE)).isTrue();
    tracer.close();
  }

  @Test
  void close_sendsWhatWaitsAndCountsWhatItCannot() {
    Tracer tracer = Tracer.builder().clock(clock).exporter(other).build();
    tracer.startTrace("agent", "act").close();
    tracer.close();
    tracer.close();
    assertThat(other.sent).hasSize(1);

    Recording dead = new Recording();
    dead.failure = new IOException("connection refused");
    Tracer unlucky = Tracer.builder().clock(clock).exporter(dead).build();
    unlucky.startTrace("agent", "act").close();
    unlucky.close();
    assertThat(unlucky.lostSpans()).isEqualTo(1);
    assertThat(dead.closed).isTrue();

    unlucky.startTrace("too late", "act").close();
    assertThat(unlucky.dropped(DropReason.CLOSED).spans()).isEqualTo(1);
    assertThat(unlucky.spans()).extracting(Span::agentName).containsExactly("agent");
  }

  @Test
  void export_spanLargerThanTheQueue_isLostAlone() {
    other.failure = new IOException("connection refused");
    Tracer tracer =
        Tracer.builder().clock(clock).exporter(other).maximumExportBytes(100_000).build();
    tracer.startTrace("small", "act").close();
    tracer.startTrace("large", "act").setInput("x".repeat(300_000)).close();
    tracer.spans();
    assertThat(tracer.lostSpans()).isEqualTo(1);

    other.failure = null;
    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(other.sent).extracting(Span::agentName).containsExactly("small");
    assertThat(other.flushes.get()).isPositive();
    tracer.close();
  }

  @Test
  void storeAndRulesThatFail_loseNothingUncounted() {
    SpanStore broken =
        new SpanStore() {
          @Override
          public void add(List<Span> spans) {
            throw new IllegalStateException("disk full");
          }

          @Override
          public List<Span> find(SpanQuery query) {
            return List.of();
          }

          @Override
          public void addScore(Score score) {}

          @Override
          public List<Score> scores(String traceId) {
            throw new IllegalStateException("no connection");
          }

          @Override
          public long droppedSpans() {
            return 0;
          }
        };
    Tracer tracer =
        Tracer.builder()
            .clock(clock)
            .store(broken)
            .exporter(other)
            .tailSampler(
                TailSampler.builder()
                    .keepIf(
                        trace -> {
                          throw new StackOverflowError();
                        })
                    .build())
            .build();
    for (int i = 0; i < 3; i++) {
      tracer.startTrace("agent", "act").close();
    }

    assertThat(tracer.flush(PATIENCE)).isTrue();
    assertThat(other.sent).hasSize(3);
    assertThat(tracer.dropped(DropReason.STORE_FAILED).spans()).isEqualTo(3);
    tracer.close();
  }

  @Test
  void flushAndClose_storeThatHangs_giveUpInTime() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    SpanStore hanging =
        new SpanStore() {
          @Override
          public void add(List<Span> spans) {
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }

          @Override
          public List<Span> find(SpanQuery query) {
            return List.of();
          }

          @Override
          public void addScore(Score score) {}

          @Override
          public List<Score> scores(String traceId) {
            return List.of();
          }

          @Override
          public long droppedSpans() {
            return 0;
          }
        };
    Tracer tracer = Tracer.builder().clock(clock).store(hanging).exporter(other).build();
    tracer.startTrace("agent", "act").close();
    Thread background = new Thread(tracer::spans); // hangs in the store
    background.start();
    await().atMost(PATIENCE).until(() -> background.getState() == Thread.State.WAITING);
    tracer.startTrace("next", "act").close();

    assertThat(tracer.flush(Duration.ofMillis(10))).isFalse();
    release.countDown();
    background.join();
    assertThat(tracer.flush(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
    tracer.close();
  }

  @Test
  void builder_badNumbers() {
    assertThatThrownBy(() -> Tracer.builder().maximumExportBytes(0))
        .hasMessage("maximumExportBytes must be positive: 0");
    assertThatThrownBy(() -> Tracer.builder().abandonAfter(Duration.ZERO))
        .hasMessage("abandonAfter must be positive: PT0S");
  }

  private static final class Recording implements SpanExporter {

    private final List<Span> sent = new CopyOnWriteArrayList<>();
    private final AtomicInteger largest = new AtomicInteger();
    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicInteger flushes = new AtomicInteger();
    private volatile Exception failure;
    private volatile String thread;
    private volatile boolean closed;

    @Override
    public void export(List<Span> spans) throws IOException {
      attempts.incrementAndGet();
      thread = Thread.currentThread().getName();
      if (failure instanceof IOException later) {
        throw later;
      }
      if (failure instanceof RuntimeException never) {
        throw never;
      }
      largest.accumulateAndGet(spans.size(), Math::max);
      sent.addAll(spans);
    }

    @Override
    public void flush() {
      flushes.incrementAndGet();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
