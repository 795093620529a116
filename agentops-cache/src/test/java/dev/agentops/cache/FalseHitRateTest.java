package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FalseHitRateTest {

  /** One-sided bounds of Clopper and Pearson: the 0.95 quantile of Beta(k + 1, n - k). */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 0.950000",
    "10, 0, 0.258866",
    "299, 0, 0.009969",
    "10, 1, 0.394163",
    "100, 5, 0.102253",
    "1000, 10, 0.016900",
    "20, 19, 0.997439"
  })
  void upperBound_asInTables(long checks, long falseHits, double expected) {
    assertThat(FalseHitRate.of(checks, falseHits).upperBound()).isCloseTo(expected, within(2e-5));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 7})
  void nothingKnown_anythingIsPossible(long checks) {
    FalseHitRate rate = FalseHitRate.of(checks, checks);
    assertThat(rate.upperBound()).isEqualTo(1);
    assertThat(rate.anyTimeUpperBound()).isEqualTo(1);
  }

  @Test
  void bounds_aboveTheRate_andTheOneForAnyTimeIsWider() {
    for (long checks : new long[] {1, 5, 50, 500, 100_000}) {
      for (long falseHits : new long[] {0, 1, checks / 10, checks / 2}) {
        FalseHitRate rate = FalseHitRate.of(checks, Math.min(checks - 1, falseHits));
        assertThat(rate.upperBound()).isGreaterThan(rate.rate()).isLessThan(1);
        assertThat(rate.anyTimeUpperBound()).isGreaterThan(rate.upperBound()).isLessThan(1);
      }
    }
  }

  @Test
  void anyTimeUpperBound_noFalseHits_onePercentAfterSomeHundreds() {
    long checks = 1;
    while (FalseHitRate.of(checks, 0).anyTimeUpperBound() > 0.01) {
      checks++;
    }
    assertThat(checks).isBetween(400L, 440L);
  }

  /** Looks after every check, and stops at the first look that would be in error. */
  @ParameterizedTest
  @ValueSource(doubles = {0.005, 0.02, 0.1})
  void anyTimeUpperBound_lookedAtAfterEachCheck_failsInFivePercentAtMost(double trueRate) {
    SplittableRandom random = new SplittableRandom(17);
    int failed = 0;
    int runs = 200;
    for (int run = 0; run < runs; run++) {
      long falseHits = 0;
      for (int checks = 1; checks <= 500; checks++) {
        falseHits += random.nextDouble() < trueRate ? 1 : 0;
        if (FalseHitRate.of(checks, falseHits).anyTimeUpperBound() < trueRate) {
          failed++;
          break;
        }
      }
    }
    assertThat((double) failed / runs).isLessThanOrEqualTo(0.06);
  }

  @Test
  void moreFalseHitsThanChecks_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FalseHitRate.of(3, 4))
        .withMessageContaining("4");
  }
}
