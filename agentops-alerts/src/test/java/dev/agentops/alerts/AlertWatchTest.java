package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.event.BudgetEvent;
import dev.agentops.event.CacheStoreEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.event.UnpricedCallEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertWatchTest {

  private final TestClock clock = TestClock.create();
  private final AlertManager alerts =
      AlertManager.builder()
          .errorRateThreshold(0.2)
          .responseTimeThreshold(Duration.ofSeconds(5))
          .costPerHourThreshold(Cost.usd("10"))
          .clock(clock)
          .build();

  @AfterEach
  void close() {
    alerts.close();
  }

  @Test
  void errors_overTheThreshold_fireOnce() {
    calls(8, CallStatus.OK);
    calls(2, CallStatus.ERROR); // 2 of 10 are not over
    assertThat(names()).isEmpty();
    calls(20, CallStatus.ERROR);

    assertThat(names()).containsExactly("HighErrorRate");
    assertThat(alerts.history().get(0).metadata())
        .containsEntry("errors", 3L)
        .containsEntry("total", 11L);
  }

  @Test
  void errors_belowTheMinimumOfCalls_areSilent() {
    calls(9, CallStatus.ERROR);
    assertThat(names()).isEmpty();
    calls(1, CallStatus.OK);

    assertThat(names()).containsExactly("HighErrorRate");
  }

  @Test
  void rejectionsCancelsAndCacheHits_areNoCalls() {
    calls(9, CallStatus.ERROR); // any call more would make it ten
    calls(1, CallStatus.REJECTED);
    calls(1, CallStatus.CANCELLED);
    alerts.onEvent(call(CallStatus.OK).cached(true).build());

    assertThat(names()).isEmpty();
  }

  @Test
  void errors_leaveTheWindow() {
    calls(5, CallStatus.ERROR);
    clock.advance(Duration.ofMinutes(5));
    calls(20, CallStatus.OK);
    calls(5, CallStatus.ERROR); // with the first five it would be 10 of 30

    assertThat(names()).isEmpty();
  }

  @Test
  void errors_thatTrembleAroundTheThreshold_fireOnce() {
    calls(8, CallStatus.OK);
    calls(3, CallStatus.ERROR);
    for (int i = 0; i < 500; i++) {
      clock.advance(Duration.ofMillis(400));
      calls(4, CallStatus.OK);
      calls(1, CallStatus.ERROR);
    }

    assertThat(names()).containsExactly("HighErrorRate");
  }

  @Test
  void errors_afterARecovery_fireAgain() {
    calls(10, CallStatus.ERROR);
    clock.advance(Duration.ofMinutes(6));
    calls(10, CallStatus.OK);
    calls(10, CallStatus.ERROR);

    assertThat(names()).containsExactly("HighErrorRate", "HighErrorRate");
  }

  @Test
  void errors_afterTooLittleTrafficToMeasure_fireAgain() {
    calls(50, CallStatus.ERROR);
    for (int i = 0; i < 20; i++) {
      calls(9, CallStatus.OK);
      clock.advance(Duration.ofMinutes(10));
    }
    calls(50, CallStatus.ERROR);

    assertThat(names()).containsExactly("HighErrorRate", "HighErrorRate");
  }

  @Test
  void errors_afterAShortRecoveryAndSilence_fireAgain() {
    calls(50, CallStatus.ERROR);
    clock.advance(Duration.ofMinutes(2));
    calls(1_000, CallStatus.OK);
    clock.advance(Duration.ofHours(3));
    calls(50, CallStatus.ERROR);

    assertThat(names()).containsExactly("HighErrorRate", "HighErrorRate");
  }

  @Test
  void cost_thatStaysOverBetweenRareCalls_firesOnce() {
    for (int i = 0; i < 20; i++) {
      cost("2"); // 20 in an hour
      clock.advance(Duration.ofMinutes(6));
    }

    assertThat(names()).containsExactly("HighCostPerHour");
  }

  @Test
  void cost_afterSilence_firesAgain() {
    cost("11");
    clock.advance(Duration.ofHours(2));
    cost("11");

    assertThat(names()).containsExactly("HighCostPerHour", "HighCostPerHour");
  }

  @Test
  void errors_thatStay_fireAgainAfterTheRepeatInterval() {
    for (int minute = 0; minute < 4 * 60; minute++) {
      calls(10, CallStatus.ERROR);
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(names()).hasSize(1);
    calls(10, CallStatus.ERROR);

    assertThat(names()).hasSize(2);
  }

  @Test
  void slowCalls_fireWhenThe95thPercentileIsOver() {
    for (int i = 0; i < 95; i++) {
      alerts.onEvent(call(CallStatus.OK).duration(Duration.ofSeconds(5)).build());
    }
    for (int i = 0; i < 5; i++) {
      alerts.onEvent(call(CallStatus.OK).duration(Duration.ofSeconds(60)).build());
    }
    assertThat(names()).isEmpty();
    alerts.onEvent(call(CallStatus.ERROR).duration(Duration.ofSeconds(60)).build());

    assertThat(names()).containsExactly("HighResponseTime");
    assertThat(alerts.history().get(0).message())
        .isEqualTo("6 of 101 calls took longer than the threshold of 5.000 s");
  }

  @Test
  void cost_isAddedExactlyOverTheLastHour() {
    cost("9.999999999999");
    assertThat(names()).isEmpty();
    cost("0.000000000001"); // exactly 10 is not over
    assertThat(names()).isEmpty();
    cost("0.000000000001");

    assertThat(names()).containsExactly("HighCostPerHour");
    assertThat(alerts.history().get(0).metadata())
        .containsEntry("costPerHour", Cost.usd("10.000000000001"));
  }

  @Test
  void cost_leavesAfterAnHour() {
    cost("9");
    clock.advance(Duration.ofMinutes(60));
    cost("9");
    assertThat(names()).isEmpty();
    clock.advance(Duration.ofMinutes(58));
    cost("9");

    assertThat(names()).containsExactly("HighCostPerHour");
  }

  @Test
  void costOfACancelledCall_counts() {
    alerts.onEvent(call(CallStatus.CANCELLED).cost(Cost.usd("11")).build());

    assertThat(names()).containsExactly("HighCostPerHour");
  }

  @Test
  void budgetEvents_becomeAlertsOncePerPeriod() {
    budget("a", BudgetEvent.Type.WARNING, 0.5);
    budget("a", BudgetEvent.Type.WARNING, 0.8);
    budget("a", BudgetEvent.Type.WARNING, 0.8);
    budget("a", BudgetEvent.Type.EXCEEDED, 1);
    budget("a", BudgetEvent.Type.REJECTED, 1);
    budget("b", BudgetEvent.Type.REJECTED, 1);

    assertThat(names())
        .containsExactly("BudgetWarning", "BudgetWarning", "BudgetExceeded", "BudgetExceeded");
    assertThat(alerts.history())
        .extracting(Alert::level)
        .containsExactly(
            AlertLevel.WARNING, AlertLevel.WARNING, AlertLevel.ERROR, AlertLevel.ERROR);
    assertThat(alerts.history().get(3).labels())
        .containsEntry("budget", "daily")
        .containsEntry("key", "b");
    clock.advance(Duration.ofDays(1));
    budget("a", BudgetEvent.Type.EXCEEDED, 1);

    assertThat(names()).hasSize(5);
  }

  @Test
  void budgetEvents_ofOtherKinds_areToldByTheirNames() {
    budget("a", BudgetEvent.Type.DOWNGRADED, 0.9);
    budget("a", BudgetEvent.Type.INCREASED, 1);
    budget("", BudgetEvent.Type.STORE_UNAVAILABLE, 1);
    budget("", BudgetEvent.Type.STORE_RECOVERED, 1);

    assertThat(names()).containsExactly("BudgetDowngraded", "BudgetStoreUnavailable");
  }

  @Test
  void budgetReset_marks_areToldAgain() {
    budget("a", BudgetEvent.Type.EXCEEDED, 1);
    budget("b", BudgetEvent.Type.EXCEEDED, 1);
    budget("a", BudgetEvent.Type.RESET, 1);
    budget("a", BudgetEvent.Type.EXCEEDED, 1);
    budget("b", BudgetEvent.Type.EXCEEDED, 1);

    assertThat(names()).hasSize(3);
  }

  @Test
  void budgetMark_toldAgain_isNotTheOldest() {
    budget("a", BudgetEvent.Type.EXCEEDED, 1);
    for (int i = 1; i < BudgetWatch.MAX_REMEMBERED; i++) {
      budget("other" + i, BudgetEvent.Type.EXCEEDED, 1);
    }
    clock.advance(Duration.ofDays(1));
    budget("a", BudgetEvent.Type.EXCEEDED, 1);
    budget("one more", BudgetEvent.Type.EXCEEDED, 1);
    long fired = alerts.stats().fired();
    budget("a", BudgetEvent.Type.EXCEEDED, 1);

    assertThat(alerts.stats().fired()).isEqualTo(fired);
  }

  @Test
  void unpricedCalls_fireOnceAModelUntilTheRepeatInterval() {
    unpriced("acme", "acme-2");
    unpriced("acme", "acme-2");
    unpriced("acme", "acme-3");

    assertThat(names()).containsExactly("UnpricedModel", "UnpricedModel");
    assertThat(alerts.history().get(0).message()).contains("'acme-2'", "not listed");
    assertThat(alerts.history().get(0).labels()).containsEntry("model", "acme-2");
    clock.advance(Duration.ofHours(AlertManager.Builder.DEFAULT_REPEAT_HOURS));
    unpriced("acme", "acme-2");

    assertThat(names()).hasSize(3);
  }

  @Test
  void lostStoreOfACache_firesOnceUntilTheRepeatInterval() {
    alerts.onEvent(CacheStoreEvent.lost(clock.now(), "answers", "redis", "timed out"));
    alerts.onEvent(
        CacheStoreEvent.recovered(clock.now(), "answers", "redis", Duration.ofSeconds(1)));
    alerts.onEvent(CacheStoreEvent.lost(clock.now(), "answers", "redis", "timed out"));
    alerts.onEvent(CacheStoreEvent.lost(clock.now(), "answers", "disk", "full"));

    assertThat(names()).containsExactly("CacheStoreLost", "CacheStoreLost");
    assertThat(alerts.history().get(0).message()).contains("'answers'", "'redis'", "timed out");
    assertThat(alerts.history().get(1).labels()).containsEntry("store", "disk");
    clock.advance(Duration.ofHours(AlertManager.Builder.DEFAULT_REPEAT_HOURS));
    alerts.onEvent(CacheStoreEvent.lost(clock.now(), "answers", "redis", "timed out"));

    assertThat(names()).hasSize(3);
  }

  @Test
  void otherEvents_areIgnored() {
    alerts.onEvent(
        ToolCallEvent.builder()
            .timestamp(clock.now())
            .tool("search")
            .status(CallStatus.ERROR)
            .duration(Duration.ofHours(1))
            .build());

    assertThat(names()).isEmpty();
    assertThat(alerts.faults()).isZero();
  }

  @Test
  void slidingWindow_agreesWithTheListOfAllCalls() {
    Random random = new Random(11);
    long bucket = Duration.ofSeconds(1).toNanos();
    SlidingWindow window = new SlidingWindow(Duration.ofSeconds(1), 10, 0);
    List<long[]> all = new ArrayList<>(); // bucket, error, slow, picos
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += (long) (random.nextDouble() * bucket * (random.nextInt(50) == 0 ? 15 : 0.3));
      window.moveTo(now);
      long newest = now / bucket;
      long[] call = {newest, random.nextInt(2), random.nextInt(2), random.nextInt(1_000)};
      window.addCall(call[1] == 1, call[2] == 1);
      window.addCost(Cost.ofPicoUsd(call[3]));
      all.add(call);
      all.removeIf(old -> old[0] <= newest - 10);

      assertThat(
              List.of(
                  window.calls(),
                  window.errors(),
                  window.slow(),
                  window.cost().usd().unscaledValue()))
          .isEqualTo(
              List.of(
                  (long) all.size(),
                  sum(all, 1),
                  sum(all, 2),
                  Cost.ofPicoUsd(sum(all, 3)).usd().unscaledValue()));
    }
  }

  private static long sum(List<long[]> calls, int column) {
    return calls.stream().mapToLong(call -> call[column]).sum();
  }

  private void calls(int count, CallStatus status) {
    for (int i = 0; i < count; i++) {
      alerts.onEvent(call(status).build());
    }
  }

  private void cost(String usd) {
    alerts.onEvent(call(CallStatus.OK).cost(Cost.usd(usd)).build());
  }

  private ModelCallEvent.Builder call(CallStatus status) {
    return ModelCallEvent.builder().timestamp(clock.now()).status(status);
  }

  private void unpriced(String provider, String model) {
    alerts.onEvent(
        new UnpricedCallEvent(
            clock.now(),
            Attributes.empty(),
            provider,
            model,
            "not listed",
            List.of("acme-1"),
            null));
  }

  private void budget(String key, BudgetEvent.Type type, double share) {
    Instant resetsAt = clock.now().plus(Duration.ofHours(24));
    alerts.onEvent(
        BudgetEvent.builder()
            .timestamp(clock.now())
            .budget("daily")
            .key(key)
            .type(type)
            .share(share)
            .spent(Cost.usd("1.2"))
            .limit(Cost.usd("1"))
            .resetsAt(resetsAt)
            .build());
  }

  private List<String> names() {
    return alerts.history(AlertQuery.builder().state(AlertState.FIRING).build()).stream()
        .map(alert -> alert.labels().get(Alert.ALERTNAME))
        .toList();
  }
}
