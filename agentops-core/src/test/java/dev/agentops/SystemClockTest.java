package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemClockTest {

  private final Clock clock = Clock.system();

  @Test
  void coarseNanoTime_followsNanoTime_andIsNeverAhead() {
    long start = clock.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> clock.coarseNanoTime() - start > 50_000_000);
    long coarse = clock.coarseNanoTime();
    assertThat(clock.nanoTime() - coarse).isNotNegative();
  }

  @Test
  void coarseNanoTime_nobodyAsks_threadEnds_andStartsAgain() {
    long before = clock.coarseNanoTime();
    await().until(() -> !isKept());
    assertThat(clock.coarseNanoTime() - before).isPositive();
    assertThat(isKept()).isTrue();
  }

  @Test
  void coarseNanoTime_testClock_exact() {
    TestClock test = TestClock.create();
    long before = test.coarseNanoTime();
    test.advance(Duration.ofNanos(1));
    assertThat(test.coarseNanoTime() - before).isEqualTo(1);
  }

  private static boolean isKept() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("agentops-coarse-time"));
  }
}
