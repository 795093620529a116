package dev.agentops.alerts.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnomalyDetectorTest {

  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final int DAY = 288;

  private final AnomalyDetector detector = AnomalyDetector.create();
  private final Random random = new Random(3);

  @Test
  void observe_spike_isAnomalousOnceAtItsOnset() {
    List<Integer> anomalous = observe(1_000, i -> (i >= 600 && i < 605 ? 90 : 20) + noise());
    assertThat(anomalous).containsExactly(600);
  }

  @Test
  void observe_newLevel_isToldOnceAndThenKnown() {
    List<Integer> anomalous = observe(3_000, i -> (i < 900 ? 20 : 60) + noise());
    assertThat(anomalous).containsExactly(900);
  }

  @Test
  void observe_valueBetweenTwoClusters_isAsNewAsOneBeyond() {
    List<Integer> anomalous = observe(1_000, i -> i == 700 ? 50 : (i % 7 < 4 ? 10 : 90) + noise());
    assertThat(anomalous).containsExactly(700);
  }

  @Test
  void observe_daysThatRepeat_isSilent() {
    assertThat(observe(14 * DAY, this::day)).isEmpty();
  }

  @Test
  void observe_dayWithoutItsPeak_isAnomalousThoughEachValueIsKnown() {
    List<Integer> anomalous = observe(14 * DAY, i -> i / DAY == 10 ? 20 + noise() : day(i));
    assertThat(anomalous).isNotEmpty().allMatch(i -> i / DAY == 10);
  }

  @Test
  void observe_flatLine_isSilentAndAStepOfItIsNot() {
    assertThat(observe(2_000, i -> 5)).isEmpty();
    assertThat(detector.observe(START, 5.000_001).anomalous()).isFalse();
    assertThat(detector.observe(START, 7).anomalous()).isTrue();
  }

  @Test
  void observe_nothingButZeros_thenSomething_isAnomalous() {
    assertThat(observe(500, i -> i == 400 ? 1 : 0)).containsExactly(400);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e12, -1e12})
  void observe_slowDriftAroundAnyMagnitude_isNearlySilent(double magnitude) {
    assertThat(observe(3_000, i -> magnitude + i + 20 * random.nextGaussian()))
        .hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void observe_noise_isSeldomAnomalous() {
    assertThat(observe(10_000, i -> random.nextGaussian())).hasSizeLessThan(10);
  }

  @Test
  void observe_warmUp_isSilentWhateverComes() {
    assertThat(observe(AnomalyDetector.WARM_UP, i -> i % 50 == 49 ? 1e9 * i : i)).isEmpty();
  }

  @Test
  void observe_afterAnAnomaly_tellsTheNextOneOnlyAfterAWhile() {
    List<Integer> anomalous =
        observe(1_500, i -> i == 600 || i == 650 ? 100 + i : i == 900 ? 5_000 : 20 + noise());
    assertThat(anomalous).containsExactly(600, 900);
  }

  @Test
  void observe_moreThanIsRemembered_knowsWhatWasLatelyOnly() {
    observe(AnomalyDetector.HISTORY, i -> i == 300 ? 100 : 20 + noise());
    assertThat(detector.observe(START, 100).anomalous()).isFalse();
    observe(AnomalyDetector.HISTORY, i -> 20 + noise());
    assertThat(detector.observe(START, 100).anomalous()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void observe_noNumber_isPassedOver(double value) {
    List<Integer> anomalous =
        observe(1_000, i -> i == 800 ? 90 : i % 3 == 0 ? value : 20 + noise());
    assertThat(anomalous).containsExactly(800);
  }

  @Test
  void observe_timesThatRepeatOrGoBack_areTaken() {
    for (int i = 0; i < 500; i++) {
      detector.observe(START.minusSeconds(i % 5), 20 + noise());
    }
    AnomalyObservation observed = detector.observe(START.minusSeconds(99), 80);
    assertThat(observed.anomalous()).isTrue();
    assertThat(observed.time()).isEqualTo(START.minusSeconds(99));
    assertThat(observed.value()).isEqualTo(80);
    assertThat(observed.novelty()).isGreaterThan(1);
    assertThat(observed)
        .hasToString(
            "AnomalyObservation{80.0 at "
                + observed.time()
                + ", anomalous, novelty="
                + observed.novelty()
                + "}");
  }

  @Test
  void observe_noTime_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> detector.observe(null, 1))
        .withMessage("time");
  }

  private double noise() {
    return 2 * random.nextDouble() - 1;
  }

  /** Low at night, high by day. */
  private double day(int i) {
    return (i % DAY < 90 ? 20 : 80) + noise();
  }

  /** Which of so many points were anomalous. */
  private List<Integer> observe(int points, IntToDoubleFunction series) {
    List<Integer> anomalous = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      if (detector.observe(START.plusSeconds(300L * i), series.applyAsDouble(i)).anomalous()) {
        anomalous.add(i);
      }
    }
    return anomalous;
  }
}
