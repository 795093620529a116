package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Cost;
import dev.agentops.TestClock;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AlertManagerTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestClock clock = TestClock.create();
  private final Recorder seen = new Recorder();
  private final AlertManager alerts =
      AlertManager.builder()
          .errorRateThreshold(0.1)
          .responseTimeThreshold(Duration.ofSeconds(5))
          .costPerHourThreshold(Cost.usd("10"))
          .historySize(3)
          .handler(seen)
          .clock(clock)
          .build();

  @AfterEach
  void close() {
    alerts.close();
  }

  @Test
  void alert_carriesWhatWasGiven() {
    alerts.alert(AlertLevel.CRITICAL, "disk full", Map.of("disk", "/data"));

    Alert alert = only();
    assertThat(alert.level()).isEqualTo(AlertLevel.CRITICAL);
    assertThat(alert.message()).isEqualTo("disk full");
    assertThat(alert.metadata()).isEqualTo(Map.of("disk", "/data"));
    assertThat(alert.timestamp()).isEqualTo(clock.now());
    assertThat(alerts.history()).containsExactly(alert);
  }

  @Test
  void alert_withLabels_isDeliveredAsItIs() {
    Alert own =
        Alert.builder()
            .level(AlertLevel.INFO)
            .message("started")
            .timestamp(clock.now())
            .label("service", "agent")
            .build();
    alerts.alert(own);

    assertThat(only()).isSameAs(own);
  }

  @Test
  void checkErrorRate_overTheThreshold_fires() {
    alerts.checkErrorRate(20, 100);

    Alert alert = only();
    assertThat(alert.level()).isEqualTo(AlertLevel.ERROR);
    assertThat(alert.message())
        .isEqualTo("Error rate is 20.0 % (20 of 100), over the threshold of 10.0 %");
    assertThat(alert.metadata())
        .isEqualTo(Map.of("errors", 20L, "total", 100L, "rate", 0.2, "threshold", 0.1));
    assertThat(alert.labels()).containsEntry("alertname", "HighErrorRate");
  }

  @ParameterizedTest
  @CsvSource({"1, 100", "0, 0", "10, 100", "3, 30", "5, 0", "-1, 10", "1, -1"})
  void checkErrorRate_notOverTheThreshold_isSilent(long errors, long total) {
    alerts.checkErrorRate(errors, total);

    assertThat(alerts.history()).isEmpty();
  }

  @Test
  void checkResponseTime_firesOnlyOverTheThreshold() {
    alerts.checkResponseTime(Duration.ofSeconds(5));
    alerts.checkResponseTime(Duration.ofMillis(5_200));

    Alert alert = only();
    assertThat(alert.level()).isEqualTo(AlertLevel.WARNING);
    assertThat(alert.message()).isEqualTo("Response took 5.200 s, over the threshold of 5.000 s");
    assertThat(alert.metadata())
        .isEqualTo(
            Map.of("responseTime", Duration.ofMillis(5_200), "threshold", Duration.ofSeconds(5)));
  }

  @Test
  void checkCostPerHour_firesOnlyOverTheThreshold() {
    alerts.checkCostPerHour(Cost.usd("10.00"));
    alerts.checkCostPerHour(Cost.usd("10.000000000001"));

    Alert alert = only();
    assertThat(alert.message())
        .isEqualTo("Cost per hour is $10.000000000001, over the threshold of $10.00");
    assertThat(alert.metadata()).containsEntry("costPerHour", Cost.usd("10.000000000001"));
  }

  @Test
  void check_byHand_firesOnceAndCountsTheRest() {
    alerts.checkErrorRate(2, 10);
    alerts.checkErrorRate(2, 10);
    alerts.checkErrorRate(3, 10);

    assertThat(only().occurrences()).isBetween(1L, 3L);
    assertThat(alerts.history()).hasSize(1);
    assertThat(alerts.alerts()).hasSize(1);
    assertThat(alerts.alerts().get(0).alert().occurrences()).isEqualTo(3);
    assertThat(alerts.stats().fired()).isEqualTo(3);
  }

  @Test
  void check_withoutAThreshold_isSilent() {
    try (AlertManager none = AlertManager.builder().build()) {
      none.checkErrorRate(100, 100);
      none.checkResponseTime(Duration.ofDays(1));
      none.checkCostPerHour(Cost.usd("1e9"));

      assertThat(none.history()).isEmpty();
    }
  }

  @Test
  void history_keepsTheLatest() {
    for (int i = 1; i <= 5; i++) {
      alerts.alert(AlertLevel.INFO, "m" + i, Map.of());
    }

    assertThat(alerts.history()).extracting(Alert::message).containsExactly("m3", "m4", "m5");
    assertThat(alerts.stats().fired()).isEqualTo(5);
  }

  @Test
  void alert_withoutLevelMessageOrMetadata_firesAllTheSame() {
    alerts.alert(null, "m", Map.of("disk", "/data"));
    alerts.alert(AlertLevel.INFO, null, Map.of());
    alerts.alert(AlertLevel.ERROR, "down", null);

    assertThat(alerts.history()).hasSize(3);
    assertThat(alerts.history().get(0).level()).isEqualTo(AlertLevel.ERROR);
    assertThat(alerts.history().get(0).metadata()).isEqualTo(Map.of("disk", "/data"));
    assertThat(alerts.history().get(1).message()).isEqualTo("(no message)");
    assertThat(alerts.history().get(2).message()).isEqualTo("down");
    assertThat(alerts.history().get(2).metadata()).isEmpty();
    assertThat(alerts.faults()).isZero();
  }

  @Test
  void alert_withMetadataThatThrows_firesAndSaysSo() {
    Map<String, Object> broken =
        new AbstractMap<>() {
          @Override
          public Set<Map.Entry<String, Object>> entrySet() {
            throw new ConcurrentModificationException("changing");
          }
        };
    alerts.alert(AlertLevel.ERROR, "down", broken);

    Alert alert = only();
    assertThat(alert.message()).isEqualTo("down");
    assertThat(alert.metadata())
        .isEqualTo(Map.of("metadata_error", ConcurrentModificationException.class.getName()));
    assertThat(alerts.faults()).isEqualTo(1);
  }

  @Test
  void runTimeMistakes_areCountedAndNeverThrown() {
    assertThatCode(
            () -> {
              alerts.alert(null);
              alerts.checkResponseTime(null);
              alerts.checkCostPerHour(null);
            })
        .doesNotThrowAnyException();

    assertThat(alerts.faults()).isEqualTo(3);
    assertThat(alerts.history()).isEmpty();
  }

  @Test
  void addHandler_whenClosed_isRejected() {
    alerts.close();

    assertThatIllegalStateException().isThrownBy(() -> alerts.addHandler(alert -> {}));
  }

  @Test
  void alert_afterClose_isKeptButNotDelivered() {
    alerts.close();
    alerts.alert(AlertLevel.INFO, "late", Map.of());

    assertThat(alerts.history()).hasSize(1);
    assertThat(alerts.stats().dropped()).isEqualTo(1);
    assertThat(seen.alerts()).isEmpty();
  }

  @Test
  void handlerThreads_areDaemons() {
    AtomicReference<Thread> thread = new AtomicReference<>();
    alerts.addHandler(alert -> thread.set(Thread.currentThread()));
    alerts.alert(AlertLevel.INFO, "m", Map.of());
    alerts.flush(SOON);

    assertThat(thread.get().isDaemon()).isTrue();
    assertThat(thread.get()).isNotSameAs(Thread.currentThread());
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("1.5", b -> b.errorRateThreshold(1.5)),
        mistake("-0.1", b -> b.errorRateThreshold(-0.1)),
        mistake("NaN", b -> b.errorRateThreshold(Double.NaN)),
        mistake("PT0S", b -> b.responseTimeThreshold(Duration.ZERO)),
        mistake("-$1.00", b -> b.costPerHourThreshold(Cost.usd("-1"))),
        mistake("PT-1S", b -> b.repeatInterval(Duration.ofSeconds(-1))),
        mistake("0", b -> b.minimumRequests(0)),
        mistake("0", b -> b.historySize(0)),
        mistake("-1", b -> b.queueCapacity(-1)));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void builder_withABadValue_quotesIt(String quoted, Consumer<AlertManager.Builder> mistake) {
    assertThatThrownBy(() -> mistake.accept(AlertManager.builder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(": " + quoted);
  }

  private static Arguments mistake(String quoted, Consumer<AlertManager.Builder> mistake) {
    return Arguments.of(quoted, mistake);
  }

  private Alert only() {
    assertThat(alerts.flush(SOON)).isTrue();
    assertThat(seen.alerts()).hasSize(1);
    return seen.alerts().get(0);
  }
}
