package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputEstimatesTest {

  private final OutputEstimates estimates = new OutputEstimates(0.95);

  @Test
  void of_fewCalls_isUnknown() {
    for (int i = 1; i < OutputEstimates.ENOUGH; i++) {
      estimates.learn("m", "a", 100);
    }
    assertThat(estimates.of("m", "a")).isEmpty();
    assertThat(estimates.of("other", "a")).isEmpty();

    estimates.learn("m", "a", 100);

    assertThat(estimates.of("m", "a").orElseThrow()).isBetween(88L, 112L);
    assertThat(estimates.of("m", "b")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.9, 0.95, 0.99})
  void quantile_ofManyCalls_isNearTheTrueOne(double quantile) {
    OutputEstimates some = new OutputEstimates(quantile);
    Random random = new Random(1);
    long[] all =
        LongStream.generate(() -> (long) Math.exp(6 + 0.6 * random.nextGaussian()))
            .limit(400) // none is forgotten yet
            .toArray();
    LongStream.of(all).forEach(tokens -> some.learn("m", "a", tokens));

    double truth = LongStream.of(all).sorted().toArray()[(int) (quantile * all.length)];
    assertThat((double) some.of("m", "a").orElseThrow()).isBetween(truth * 0.88, truth * 1.13);
  }

  @Test
  void quantile_afterAChange_followsIt() {
    for (int i = 0; i < 5_000; i++) {
      estimates.learn("m", "a", 2_000);
    }
    for (int i = 0; i < 5_000; i++) {
      estimates.learn("m", "a", 50);
    }
    assertThat(estimates.of("m", "a").orElseThrow()).isLessThan(60);
  }

  @Test
  void learn_extremes_areKeptWithinBounds() {
    for (long tokens : new long[] {0, 1, 15, 16, 17, 1 << 29, Long.MAX_VALUE, -5}) {
      OutputEstimates some = new OutputEstimates(0.95);
      for (int i = 0; i < OutputEstimates.ENOUGH; i++) {
        some.learn("m", "a", tokens);
      }
      long truth = Math.max(0, Math.min(tokens, 1 << 30));
      assertThat(some.of("m", "a").orElseThrow()).isBetween(truth - truth / 8, truth + truth / 8);
    }
  }

  @Test
  void pairs_moreThanAreKept_forgetTheOldest() {
    for (int i = 0; i < OutputEstimates.ENOUGH; i++) {
      estimates.learn("m", "in use", 100);
    }
    for (int i = 0; i < 5 * OutputEstimates.MOST_PAIRS; i++) {
      estimates.learn("m", "agent " + i, 100);
      assertThat(estimates.of("m", "in use")).isPresent();
    }
    assertThat(estimates.size()).isEqualTo(OutputEstimates.MOST_PAIRS);
  }
}
