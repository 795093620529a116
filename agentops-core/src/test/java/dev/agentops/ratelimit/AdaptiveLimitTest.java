package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adaptive limits in front of simulated servers. */
class AdaptiveLimitTest {

  private final TestClock clock = TestClock.create();

  @ParameterizedTest
  @CsvSource({"5, 1", "20, 2", "100, 3"})
  void gradient_serverThatQueues_staysJustAboveItsCapacity(int capacity, long seed) {
    Server server = new Server(AdaptiveLimit.gradient().build(), capacity, false, seed);

    clock.advance(Duration.ofMinutes(20));

    assertThat(server.meanLimit(Duration.ofMinutes(20))).isBetween(1.0 * capacity, 1.7 * capacity);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3})
  void gradient_anyTolerance_doesNotCreepUpInALongOverload(double tolerance) {
    AdaptiveLimit limit = AdaptiveLimit.gradient().tolerance(tolerance).build();
    Server server = new Server(limit, 10, false, 1);

    clock.advance(Duration.ofHours(2));

    assertThat(server.meanLimit(Duration.ofMinutes(20)))
        .isBetween(10 * (tolerance - 0.3), 14 * tolerance);
  }

  @Test
  void gradient_serverThatDegrades_backsOffAndComesBack() {
    Server server = new Server(AdaptiveLimit.gradient().build(), 40, false, 1);
    clock.advance(Duration.ofMinutes(20));

    server.capacity = 10;
    clock.advance(Duration.ofMinutes(5));
    assertThat(server.meanLimit(Duration.ofMinutes(10))).isBetween(10.0, 20.0);

    server.capacity = 40;
    clock.advance(Duration.ofMinutes(20));
    assertThat(server.meanLimit(Duration.ofMinutes(10))).isBetween(40.0, 68.0);
  }

  @ParameterizedTest
  @CsvSource({"5, 1", "20, 2", "100, 3"})
  void aimd_serverThatRefuses_usesMostOfItAndIsSeldomRefused(int capacity, long seed) {
    Server server = new Server(AdaptiveLimit.aimd().build(), capacity, true, seed);
    clock.advance(Duration.ofMinutes(20));
    server.refused = 0;
    server.answered = 0;

    assertThat(server.meanLimit(Duration.ofMinutes(20))).isBetween(0.8 * capacity, 1.0 * capacity);
    assertThat(server.refused).isPositive().isLessThan(server.answered / 10);
  }

  @Test
  void aimd_manyRefusedAtOnce_countAsOneOverload() {
    ConcurrencyLimiter limiter = limiter(AdaptiveLimit.aimd().initial(100).build());
    List<ConcurrencyLimiter.Permit> permits = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      permits.add(limiter.tryAcquire().orElseThrow());
    }
    clock.advance(Duration.ofSeconds(1));

    for (ConcurrencyLimiter.Permit permit : permits) {
      permit.overloaded();
      permit.close();
    }

    assertThat(limiter.limit()).isEqualTo(70);
  }

  @Test
  void aimd_slowAnswers_countAsAnOverload() {
    ConcurrencyLimiter limiter =
        limiter(AdaptiveLimit.aimd().initial(10).slowAbove(Duration.ofMillis(30)).build());

    answers(limiter, 10, Duration.ofMillis(31));

    assertThat(limiter.limit()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void limit_thatIsHardlyUsed_doesNotGrow(boolean gradient) {
    ConcurrencyLimiter limiter =
        limiter((gradient ? AdaptiveLimit.gradient() : AdaptiveLimit.aimd()).initial(10).build());

    answers(limiter, 50, Duration.ofMillis(20)); // one after the other

    assertThat(limiter.limit()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void answers_thatTakeNoTime_doNotCloseTheLimit(boolean gradient) {
    ConcurrencyLimiter limiter =
        limiter((gradient ? AdaptiveLimit.gradient() : AdaptiveLimit.aimd()).initial(2).build());

    answersInPairs(limiter, 20); // the clock stands

    assertThat(limiter.limit()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void gradient_overloadWhileItMeasures_takesAPartOfTheLimitBefore() {
    ConcurrencyLimiter limiter = limiter(AdaptiveLimit.gradient().initial(100).build());
    int before = 0;
    while (limiter.limit() >= before) { // until it goes down to measure
      before = limiter.limit();
      answersOfAll(limiter);
    }

    ConcurrencyLimiter.Permit refused = limiter.tryAcquire().orElseThrow();
    refused.overloaded();
    refused.close();

    assertThat(limiter.limit()).isBetween((int) (0.69 * before), (int) (0.71 * before));
    int lowered = limiter.limit();
    answersOfAll(limiter);
    assertThat(limiter.limit()).as("it does not measure again at once").isGreaterThan(lowered);
  }

  @Test
  void limit_ofIgnoredCalls_doesNotMove() {
    ConcurrencyLimiter limiter = limiter(AdaptiveLimit.aimd().initial(1).build());
    for (int i = 0; i < 100; i++) {
      ConcurrencyLimiter.Permit permit = limiter.tryAcquire().orElseThrow();
      permit.ignore();
      permit.close();
    }

    assertThat(limiter.limit()).isEqualTo(1);
  }

  @Test
  void limit_staysBetweenItsBounds() {
    ConcurrencyLimiter limiter =
        limiter(AdaptiveLimit.aimd().minimum(2).initial(3).maximum(4).build());

    answersInPairs(limiter, 100);
    assertThat(limiter.limit()).isEqualTo(4);

    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(1));
      ConcurrencyLimiter.Permit permit = limiter.tryAcquire().orElseThrow();
      permit.overloaded();
      permit.close();
    }
    assertThat(limiter.limit()).isEqualTo(2);
  }

  @Test
  void badOptions_areRefusedWithTheirValue() {
    assertThatThrownBy(() -> AdaptiveLimit.aimd().minimum(0)).hasMessageContaining("minimum", "0");
    assertThatThrownBy(() -> AdaptiveLimit.aimd().backoffRatio(1)).hasMessageContaining("1.0");
    assertThatThrownBy(() -> AdaptiveLimit.aimd().backoffRatio(Double.NaN))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> AdaptiveLimit.gradient().tolerance(0.5)).hasMessageContaining("0.5");
    assertThatThrownBy(() -> AdaptiveLimit.aimd().slowAbove(Duration.ZERO))
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> AdaptiveLimit.aimd().minimum(9).maximum(8).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9, 8, 8");
    assertThatThrownBy(() -> AdaptiveLimit.aimd().tolerance(2))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> AdaptiveLimit.gradient().slowAbove(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> limiter(AdaptiveLimit.aimd().build()).limit(5))
        .isInstanceOf(IllegalStateException.class);
  }

  private ConcurrencyLimiter limiter(AdaptiveLimit limit) {
    return ConcurrencyLimiter.builder().adaptive(limit).clock(clock).build();
  }

  private static void answers(ConcurrencyLimiter limiter, int count, Duration sample) {
    for (int i = 0; i < count; i++) {
      ConcurrencyLimiter.Permit permit = limiter.tryAcquire().orElseThrow();
      permit.sample(sample);
      permit.close();
    }
  }

  private static void answersInPairs(ConcurrencyLimiter limiter, int count) {
    for (int i = 0; i < count; i++) {
      ConcurrencyLimiter.Permit one = limiter.tryAcquire().orElseThrow();
      ConcurrencyLimiter.Permit other = limiter.tryAcquire().orElseThrow();
      one.close();
      other.close();
    }
  }

  /** A round of as many calls at once as may be. */
  private static void answersOfAll(ConcurrencyLimiter limiter) {
    List<ConcurrencyLimiter.Permit> permits = new ArrayList<>();
    for (int i = limiter.limit(); i > 0; i--) {
      permits.add(limiter.tryAcquire().orElseThrow());
    }
    for (ConcurrencyLimiter.Permit permit : permits) {
      permit.sample(Duration.ofMillis(10));
      permit.close();
    }
  }

  /** Gets as many calls as the limiter lets through, and takes longer the more there are. */
  private final class Server {

    private static final int CALLERS = 300;

    private final ConcurrencyLimiter limiter;
    private final boolean refuses;
    private final Random random;
    private int capacity;
    private int running;
    private int refused;
    private int answered;

    Server(AdaptiveLimit limit, int capacity, boolean refuses, long seed) {
      this.limiter = limiter(limit);
      this.capacity = capacity;
      this.refuses = refuses;
      this.random = new Random(seed);
      admit();
    }

    double meanLimit(Duration time) {
      double sum = 0;
      int steps = 200;
      for (int i = 0; i < steps; i++) {
        clock.advance(time.dividedBy(steps));
        sum += limiter.limit();
      }
      return sum / steps;
    }

    private void admit() {
      while (running < CALLERS) {
        Optional<ConcurrencyLimiter.Permit> permit = limiter.tryAcquire();
        if (permit.isEmpty()) {
          return;
        }
        call(permit.get());
      }
    }

    private void call(ConcurrencyLimiter.Permit permit) {
      running++;
      boolean refuse = refuses && running > capacity;
      double load = Math.max(1, (double) running / capacity);
      double perToken = 20 * load * (0.7 + 0.6 * random.nextDouble());
      int tokens = 20 + random.nextInt(300);
      Duration sample = Duration.ofNanos((long) (1e6 * perToken));
      clock.schedule(
          refuse ? Duration.ofMillis(50) : sample.multipliedBy(tokens),
          () -> {
            running--;
            if (refuse) {
              refused++;
              permit.overloaded();
            } else {
              answered++;
              permit.sample(sample);
            }
            permit.close();
            admit();
          });
    }
  }
}
