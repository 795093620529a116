package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.event.OpsEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A monitor that is built on the ledger of an earlier one goes on with its budgets. */
class BudgetSeedTest {

  private static final Instant WEDNESDAY_NOON = Instant.parse("2026-11-18T12:00:00Z");

  private final TestClock clock = TestClock.at(WEDNESDAY_NOON);
  private final UsageLedger ledger = InMemoryUsageLedger.builder().build();
  private final List<OpsEvent> events = new ArrayList<>();

  @Test
  void build_ledgerOfAnEarlierProcess_goesOnWithItsWindows() {
    spend("-P20D", "1"); // last month
    spend("-P10D", "2"); // this month
    spend("-P2D", "4"); // this week
    spend("-PT3H", "8"); // today
    spend("-PT1M", "16"); // the hour before: it is noon sharp
    spend("PT0S", "32");

    CostMonitor costs =
        monitor(
            Budget.hourly(Cost.usd("100")),
            Budget.daily(Cost.usd("100")),
            Budget.weekly(Cost.usd("100")),
            Budget.monthly(Cost.usd("100")),
            Budget.lifetime(Cost.usd("100")),
            Budget.rolling(Cost.usd("100"), Duration.ofHours(6)),
            Budget.perRun(Cost.usd("100")));

    assertThat(spent(costs, "hourly", "")).isEqualTo(Cost.usd("32"));
    assertThat(spent(costs, "daily", "")).isEqualTo(Cost.usd("56"));
    assertThat(spent(costs, "weekly", "")).isEqualTo(Cost.usd("60"));
    assertThat(spent(costs, "monthly", "")).isEqualTo(Cost.usd("62"));
    assertThat(spent(costs, "lifetime", "")).isEqualTo(Cost.usd("63"));
    assertThat(spent(costs, "rolling", "")).isEqualTo(Cost.usd("56"));
    assertThat(costs.budgets().statuses("run", 10)).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void build_keys_haveWhatEachSpent() {
    spend("PT0S", "1", Attributes.of("team", "a", "user", "x"));
    spend("PT0S", "2", Attributes.of("team", "b", "user", "x"));
    spend("PT0S", "4", Attributes.empty());
    spend("PT0S", "8", Attributes.of("team", "(odd)"));

    CostMonitor costs =
        monitor(
            Budget.daily(Cost.usd("100")).per("team"),
            Budget.daily(Cost.usd("100")).named("both").per("team", "user"),
            Budget.daily(Cost.usd("100")).named("tokyo").per("user").zone(ZoneId.of("Asia/Tokyo")));

    assertThat(spent(costs, "daily", "a")).isEqualTo(Cost.usd("1"));
    assertThat(spent(costs, "daily", "b")).isEqualTo(Cost.usd("2"));
    assertThat(spent(costs, "daily", "(none)")).isEqualTo(Cost.usd("4"));
    assertThat(spent(costs, "daily", "\\(odd)")).isEqualTo(Cost.usd("8"));
    assertThat(spent(costs, "both", "a,x")).isEqualTo(Cost.usd("1"));
    assertThat(spent(costs, "both", "(none),(none)")).isEqualTo(Cost.usd("4"));
    assertThat(spent(costs, "tokyo", "x")).isEqualTo(Cost.usd("3"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"daily", "rolling"})
  void build_budgetThatWasUsedUp_refusesAtOnce(String kind) {
    spend("PT0S", "5");
    Budget budget =
        kind.equals("daily")
            ? Budget.daily(Cost.usd("5"))
            : Budget.rolling(Cost.usd("5"), Duration.ofHours(1));

    CostMonitor costs = monitor(budget.rejectWhenExceeded());

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> costs.reserve(Cost.ZERO, Attributes.empty(), null, event -> {}));
    clock.advance(Duration.ofDays(1));
    costs.reserve(Cost.usd("5"), Attributes.empty(), null, event -> {}).release();
  }

  private void spend(String ago, String usd) {
    spend(ago, usd, Attributes.empty());
  }

  private void spend(String ago, String usd, Attributes attributes) {
    Duration offset = Duration.parse(ago);
    ledger.add(
        UsageRecord.builder()
            .timestamp(WEDNESDAY_NOON.plus(offset))
            .model("acme-plain")
            .usage(Usage.of(1, 1))
            .attributes(attributes)
            .cost(Cost.usd(usd))
            .build());
  }

  private CostMonitor monitor(Budget... budgets) {
    CostMonitor.Builder builder =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .clock(clock)
            .ledger(ledger)
            .listener(events::add);
    for (Budget budget : budgets) {
      builder.budget(budget);
    }
    return builder.build();
  }

  private static Cost spent(CostMonitor costs, String budget, String key) {
    return costs.budgets().status(budget, key).spent();
  }
}
