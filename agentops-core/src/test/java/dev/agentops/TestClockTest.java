package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
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
}
