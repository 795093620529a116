package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestClockTest {

  private final TestClock clock = TestClock.create();
  private final List<String> log = new ArrayList<>();

  @Test
  void advance_scheduledTasks_runInOrderAtTheirTime() {
    Instant start = clock.now();
    clock.schedule(
        Duration.ofSeconds(2), () -> log.add("second at " + Duration.between(start, clock.now())));
    clock.schedule(
        Duration.ofSeconds(1),
        () -> {
          log.add("first at " + Duration.between(start, clock.now()));
          clock.schedule(
              Duration.ofMillis(500),
              () -> log.add("chained at " + Duration.between(start, clock.now())));
        });
    clock.schedule(Duration.ofSeconds(9), () -> log.add("later"));

    clock.advance(Duration.ofSeconds(3));

    assertThat(log).containsExactly("first at PT1S", "chained at PT1.5S", "second at PT2S");
    assertThat(clock.nanoTime()).isEqualTo(3_000_000_000L);
    assertThat(clock.pendingTimers()).isEqualTo(1);
  }

  @Test
  void cancel_beforeItsTime_keepsTheTaskFromRunning() {
    Clock.Timer timer = clock.schedule(Duration.ofSeconds(1), () -> log.add("ran"));

    timer.cancel();
    clock.advance(Duration.ofSeconds(2));

    assertThat(log).isEmpty();
  }

  @Test
  void setWallTime_back_leavesMonotonicTimeAlone() {
    clock.advance(Duration.ofSeconds(5));
    clock.setWallTime(Instant.parse("2020-01-01T00:00:00Z"));
    clock.advance(Duration.ofSeconds(1));

    assertThat(clock.now()).isEqualTo("2020-01-01T00:00:01Z");
    assertThat(clock.nanoTime()).isEqualTo(6_000_000_000L);
    assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
  }

  @Test
  void advance_fromWithinATask_neverGoesBack() {
    clock.schedule(Duration.ofSeconds(5), () -> clock.advance(Duration.ofMinutes(1)));

    clock.advance(Duration.ofSeconds(10));

    assertThat(clock.nanoTime()).isEqualTo(65_000_000_000L);
  }

  @Test
  void schedule_forEver_neverRuns() {
    clock.schedule(ChronoUnit.FOREVER.getDuration(), () -> log.add("ran"));
    clock.advance(Duration.ofDays(36_500));

    assertThat(log).isEmpty();
  }
}
