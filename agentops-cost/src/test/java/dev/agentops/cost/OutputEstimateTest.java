package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputEstimateTest {

  private final OutputEstimate estimate = new OutputEstimate();

  @Test
  void tokens_nothingLearned_isTheDefault() {
    assertThat(estimate.tokens("m", "a")).isEqualTo(OutputEstimate.DEFAULT_TOKENS);
    assertThat(estimate.tokens("m", null)).isEqualTo(OutputEstimate.DEFAULT_TOKENS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void tokens_manyAnswers_areAbout95Percent(long seed) {
    Random random = new Random(seed);
    long[] lengths = new long[400];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = Math.round(Math.exp(6 + 1.2 * random.nextGaussian()));
      estimate.learn("m", null, lengths[i]);
    }
    Arrays.sort(lengths);

    assertThat(estimate.tokens("m", null))
        .isBetween(lengths[lengths.length * 93 / 100], lengths[lengths.length * 95 / 100] * 5 / 4);
  }

  @Test
  void tokens_oneLongAnswerOfFew_isLeftOut() {
    for (int i = 0; i < 5; i++) {
      estimate.learn("m", null, 100);
    }
    estimate.learn("m", null, 1_000_000);

    assertThat(estimate.tokens("m", null)).isLessThan(400);
    estimate.learn("m", null, 1_000_000);
    assertThat(estimate.tokens("m", null)).isGreaterThanOrEqualTo(1_000_000);
  }

  @Test
  void tokens_longAnswersOfLongAgo_areForgotten() {
    for (int i = 0; i < 500; i++) {
      estimate.learn("m", null, 50_000);
    }
    int answers = 0;
    while (estimate.tokens("m", null) > 200) {
      estimate.learn("m", null, 100);
      answers++;
    }

    assertThat(answers).isLessThan(2_000);
  }

  @Test
  void tokens_agentOfItsOwn_isToldApartOnceItHasAskedEnough() {
    for (int i = 0; i < 200; i++) {
      estimate.learn("m", "essayist", 5_000);
    }
    estimate.learn("m", "clerk", 3);
    assertThat(estimate.tokens("m", "clerk")).isGreaterThanOrEqualTo(5_000);

    for (int i = 0; i < 100; i++) {
      estimate.learn("m", "clerk", 3);
    }

    assertThat(estimate.tokens("m", "clerk")).isLessThan(10);
    assertThat(estimate.tokens("m", "essayist")).isBetween(5_000L, 6_250L);
    assertThat(estimate.tokens("m", "stranger")).isGreaterThanOrEqualTo(5_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 4, 7, 8, 1_023, 1_024, 1L << 40, Long.MAX_VALUE / 2})
  void tokens_anyLength_isAtMostAQuarterTooLarge(long length) {
    for (int i = 0; i < 100; i++) {
      estimate.learn("m", null, length);
    }

    assertThat(estimate.tokens("m", null)).isBetween(length, length + length / 4);
  }

  @Test
  void learn_moreModelsThanKept_forgetsTheOldest() {
    for (int i = 0; i < 5_000; i++) {
      estimate.learn("m" + i, null, 10_000);
      estimate.learn("m" + i, null, 10_000);
      estimate.learn("busy", null, 5_000);
    }

    assertThat(estimate.tokens("m0", null)).isEqualTo(OutputEstimate.DEFAULT_TOKENS);
    assertThat(estimate.tokens("m4999", null)).isGreaterThanOrEqualTo(10_000);
    assertThat(estimate.tokens("busy", null)).isBetween(5_000L, 6_250L);
  }

  @Test
  void learn_moreAgentsThanKept_stillLearnsNewModels() {
    for (int i = 0; i < 5_000; i++) {
      estimate.learn("m", "agent" + i, 100);
    }

    for (int i = 0; i < 100; i++) {
      estimate.learn("new", "writer", 8_000);
    }

    assertThat(estimate.tokens("new", "writer")).isGreaterThanOrEqualTo(8_000);
    assertThat(estimate.tokens("new", "stranger")).isGreaterThanOrEqualTo(8_000);
    assertThat(estimate.tokens("m", "agent0")).isBetween(100L, 125L);
  }
}
