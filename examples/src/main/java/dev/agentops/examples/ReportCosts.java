package dev.agentops.examples;

import dev.agentops.Attributes;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.cost.CostMonitor;
import dev.agentops.cost.CostReport;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.jdbc.JdbcUsageLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Random;

/** Records three weeks of calls in a file that survives the process, and reports them. */
public final class ReportCosts {

  private static final String[] TEAMS = {"support", "search", "billing"};
  private static final String[][] MODELS = {
    {"openai", "gpt-4o-mini"}, {"anthropic", "claude-sonnet-4-5"}, {"acme", "our-own-model"}
  };

  private ReportCosts() {}

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("agentops");
    TestClock clock = TestClock.at(Instant.parse("2026-11-01T08:00:00Z")); // weeks in a moment
    UsageLedger ledger =
        JdbcUsageLedger.builder()
            .sqlite(directory.resolve("usage.db"))
            .cross("team", UsageLedger.MODEL)
            .clock(clock)
            .build();
    try (CostMonitor costs = CostMonitor.builder().ledger(ledger).clock(clock).build()) {
      Random random = new Random(7);
      for (int day = 0; day < 21; day++) {
        work(costs, random);
        clock.advance(Duration.ofDays(1));
      }
      CostReport report =
          CostReport.builder(ledger, UsageQuery.month(YearMonth.from(costs.today())))
              .by("team")
              .by(UsageLedger.MODEL)
              .by(UsageLedger.crossed("team", UsageLedger.MODEL))
              .forecast(costs.today())
              .build();
      System.out.println(report.toText());
    }
  }

  private static void work(CostMonitor costs, Random random) {
    for (int call = 0; call < 40; call++) {
      String[] model = MODELS[Math.min(2, (int) Math.abs(random.nextGaussian() * 1.2))];
      long input = 500 + random.nextInt(6_000);
      Usage usage =
          Usage.builder()
              .inputTokens(input)
              .cacheReadTokens(input / 2)
              .outputTokens(50 + random.nextInt(600))
              .build();
      String team = TEAMS[random.nextInt(TEAMS.length)];
      costs.recordUsage(model[0], model[1], usage, Attributes.of("team", team));
      if (call % 4 == 0) {
        costs.recordTask("assistant", random.nextInt(10) > 0, Attributes.of("team", team));
      }
    }
  }
}
