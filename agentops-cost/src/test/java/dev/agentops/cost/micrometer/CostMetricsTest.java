package dev.agentops.cost.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.cost.Budget;
import dev.agentops.cost.CostMonitor;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CostMetricsTest {

  private final TestClock clock = TestClock.create();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CostMonitor costs =
      CostMonitor.builder()
          .clock(clock)
          .budget(Budget.daily(Cost.usd("0.10")).named("users").per("user.id"))
          .build();

  @BeforeEach
  void bind() {
    new CostMetrics(costs).bindTo(registry);
  }

  @AfterEach
  void close() {
    costs.close();
  }

  @Test
  void gauges_followSpending() {
    gpt4("a", 1_000); // 3 cents
    gpt4("b", 4_000);

    assertThat(gauge("agentops.cost.today")).isEqualTo(0.15);
    assertThat(gauge("agentops.cost.month")).isEqualTo(0.15);
    assertThat(gauge("agentops.budget.limit")).isEqualTo(0.1);
    assertThat(gauge("agentops.budget.spent")).isEqualTo(0.15);
    assertThat(gauge("agentops.budget.reserved")).isZero();
    assertThat(gauge("agentops.budget.utilization")).isCloseTo(1.2, within(1e-9));
    assertThat(gauge("agentops.budget.exhausted")).isEqualTo(1);
  }

  @Test
  void gauges_ofOneScrape_lookOnce() {
    gpt4("a", 1_000);
    assertThat(gauge("agentops.budget.spent")).isEqualTo(0.03);
    gpt4("a", 4_000);

    assertThat(gauge("agentops.budget.exhausted")).isZero();
    clock.advance(Duration.ofSeconds(2));
    assertThat(gauge("agentops.budget.exhausted")).isEqualTo(1);
  }

  @Test
  void limit_ofABudgetThatAllShare_isWithItsIncrease() {
    CostMonitor shared =
        CostMonitor.builder().clock(clock).budget(Budget.daily(Cost.usd("2"))).build();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    new CostMetrics(shared).bindTo(meters);
    shared.budgets().increase("daily", "", Cost.usd("3"), clock.now().plusSeconds(60));

    assertThat(meters.get("agentops.budget.limit").gauge().value()).isEqualTo(5);
    shared.close();
  }

  @Test
  void gauges_nextDay_beginAnew() {
    gpt4("a", 4_000);
    clock.advance(Duration.ofDays(1));

    assertThat(gauge("agentops.cost.today")).isZero();
    assertThat(gauge("agentops.budget.spent")).isZero();
    assertThat(gauge("agentops.budget.exhausted")).isZero();
  }

  @Test
  void counters_countWhatIsWrong() {
    costs.recordUsage("nobody-knows-this", 1, 1);

    assertThat(registry.get("agentops.cost.unpriced").functionCounter().count()).isEqualTo(1);
    assertThat(registry.get("agentops.cost.lost").functionCounter().count()).isZero();
    assertThat(registry.get("agentops.cost.faults").functionCounter().count()).isZero();
  }

  @Test
  void meters_areNoMoreWithMoreKeys() {
    int before = registry.getMeters().size();
    for (int i = 0; i < 100; i++) {
      gpt4("user" + i, 1);
    }

    assertThat(registry.getMeters()).hasSize(before);
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .noneMatch(id -> id.getTag("user.id") != null);
  }

  private void gpt4(String user, long inputTokens) {
    costs.recordUsage("openai", "gpt-4", Usage.of(inputTokens, 0), Attributes.of("user.id", user));
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }
}
