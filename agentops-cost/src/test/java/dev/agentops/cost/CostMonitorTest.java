package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CostMonitorTest {

  @Test
  void statistics_pricedAndUnpriced_areToldApart() {
    try (CostMonitor costs = CostMonitor.builder().build()) {
      costs.recordUsage("gpt-4", 1_000, 500);
      costs.recordUsage(
          "openai", "gpt-4", Usage.of(1_000, 500), Attributes.of("team", "a", "agent", "writer"));
      UsageRecord unknown = costs.recordUsage("no-such-model-9", 10, 10);

      assertThat(unknown.cost()).isEmpty();
      assertThat(costs.statistics())
          .hasToString("CostStatistics{requests=3, unpriced=1, tokens=2010+1010, cost=$0.12}");
      assertThat(costs.statistics().averageCostPerRequest()).isEqualTo(Cost.usd("0.06"));
      assertThat(costs.costBy("agent")).isEqualTo(Map.of("writer", Cost.usd("0.06")));
      assertThat(costs.costBy(UsageLedger.MODEL)).isEqualTo(Map.of("gpt-4", Cost.usd("0.12")));
    }
  }

  @Test
  void statistics_nothingRecorded_areZero() {
    try (CostMonitor costs = CostMonitor.builder().build()) {
      assertThat(costs.statistics().averageCostPerRequest()).isEqualTo(Cost.ZERO);
      assertThat(costs.dailyCost(LocalDate.EPOCH)).isEqualTo(Cost.ZERO);
      assertThat(costs.costBy("team")).isEmpty();
    }
  }

  @Test
  void dailyCost_zone_decidesTheDay() {
    TestClock clock = TestClock.at(Instant.parse("2026-03-31T20:30:00Z"));
    try (CostMonitor costs =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .clock(clock)
            .zone(ZoneId.of("Europe/Berlin"))
            .build()) {
      costs.recordUsage("acme-plain", 1_000_000, 0);
      clock.advance(Duration.ofHours(2));
      costs.recordUsage("acme-plain", 2_000_000, 0);

      assertThat(costs.dailyCost(LocalDate.of(2026, 3, 31))).isEqualTo(Cost.usd("1"));
      assertThat(costs.dailyCost(LocalDate.of(2026, 4, 1))).isEqualTo(Cost.usd("2"));
      assertThat(costs.monthlyCost(YearMonth.of(2026, 3))).isEqualTo(Cost.usd("1"));
      assertThat(costs.monthlyCost(YearMonth.of(2026, 4))).isEqualTo(Cost.usd("2"));
    }
  }

  @Test
  void recordUsage_unknownModel_isSaidOnceWithTheNearestNames() {
    Logger logger = (Logger) LoggerFactory.getLogger(CostMonitor.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.WARN);
    logger.addAppender(lines);
    try (CostMonitor costs = CostMonitor.builder().catalog(TestPrices.catalog()).build()) {
      costs.recordUsage("acme-plane", 1, 1);
      costs.recordUsage("acme-plane", 1, 1);
      costs.recordUsage("acme-tiny", 1, 1); // known, without a rate for output
      costs.recordUsage("acme-plain" + "x".repeat(100), 1, 1);
      costs.recordUsage("acme", "something-else", Usage.of(1, 1), Attributes.empty());
      costs.recordUsage("forged\nERROR line", 1, 1);
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }

    assertThat(lines.list).hasSize(5);
    assertThat(lines.list.get(4).getFormattedMessage())
        .contains("'forged\\u000aERROR line'")
        .doesNotContain("\n");
    assertThat(lines.list.get(0).getFormattedMessage())
        .contains("'acme-plane'")
        .contains("nearest names: acme-plain,");
    assertThat(lines.list.get(1).getFormattedMessage())
        .contains("'acme-tiny'")
        .contains("acme-tiny");
    assertThat(lines.list.get(2).getFormattedMessage()).contains("nearest names: none");
    assertThat(lines.list.get(3).getFormattedMessage()).contains("nearest names: none");
  }

  @Test
  void recordUsage_blankModel_isRefused() {
    try (CostMonitor costs = CostMonitor.builder().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> costs.recordUsage(" ", 1, 1))
          .withMessageContaining("' '");
      assertThat(costs.statistics().totalRequests()).isZero();
    }
  }
}
