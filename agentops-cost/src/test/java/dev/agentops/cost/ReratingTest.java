package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReratingTest {

  @TempDir Path directory;

  private final TestClock clock = TestClock.create();
  private CostMonitor costs;

  @BeforeEach
  void record() throws IOException {
    costs = CostMonitor.builder().catalog(prices("old", "1", "2")).clock(clock).build();
    costs.recordUsage("acme", "a", Usage.of(1_000_000, 0), Attributes.of("team", "x"));
    costs.recordUsage("acme", "b", Usage.of(1_000_000, 0), Attributes.of("team", "y"));
    costs.recordUsage("acme", "c", Usage.of(1_000_000, 0), Attributes.empty());
    costs.recordTask("agent", true, Attributes.empty());
  }

  @AfterEach
  void close() {
    costs.close();
  }

  @Test
  void rerate_otherPrices_tellsTheDifferenceAndChangesNothing() throws IOException {
    Rerating rerating = costs.rerate(prices("new", "1", "5"), Instant.MIN, Instant.MAX);

    assertThat(rerating.records()).isEqualTo(3);
    assertThat(rerating.changed()).isEqualTo(1);
    assertThat(rerating.before()).isEqualTo(Cost.usd("3"));
    assertThat(rerating.after()).isEqualTo(Cost.usd("6"));
    assertThat(rerating.difference()).isEqualTo(Cost.usd("3"));
    assertThat(rerating.differenceByModel()).isEqualTo(Map.of("b", Cost.usd("3")));
    assertThat(rerating.largestChanges())
        .singleElement()
        .satisfies(change -> assertThat(change.before().priceVersion()).startsWith("old"));
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("3"));
  }

  @Test
  void apply_movesTotalsAndVersions_andOnlyOnce() throws IOException {
    Rerating rerating = costs.rerate(prices("new", "1", "5"), Instant.MIN, Instant.MAX);

    assertThat(rerating.apply()).isEqualTo(1);
    assertThat(rerating.apply()).isZero();

    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("6"));
    assertThat(costs.dailyCost(costs.today())).isEqualTo(Cost.usd("6"));
    assertThat(costs.costBy("team")).isEqualTo(Map.of("x", Cost.usd("1"), "y", Cost.usd("5")));
    assertThat(TestRecords.of(costs.ledger()))
        .extracting(UsageRecord::priceVersion)
        .filteredOn(version -> version != null && version.startsWith("new"))
        .hasSize(1);
  }

  @Test
  void rerate_modelThatWasUnpriced_isNewlyPriced() throws IOException {
    Path file = directory.resolve("more.json");
    Files.writeString(file, TestPrices.of("more", Map.of("a", "1", "b", "2", "c", "7")));

    Rerating rerating = costs.rerate(PriceCatalog.load(file), Instant.MIN, Instant.MAX);

    assertThat(rerating.newlyPriced()).isEqualTo(1);
    assertThat(rerating.apply()).isEqualTo(1);
    assertThat(costs.statistics().unpricedRequests()).isZero();
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("10"));
  }

  @Test
  void rerate_modelThatIsGone_keepsItsPrice() throws IOException {
    Path file = directory.resolve("fewer.json");
    Files.writeString(file, TestPrices.of("fewer", Map.of("a", "1")));

    Rerating rerating = costs.rerate(PriceCatalog.load(file), Instant.MIN, Instant.MAX);

    assertThat(rerating.noLongerPriced()).isEqualTo(1);
    assertThat(rerating.difference()).isEqualTo(Cost.ZERO);
    assertThat(rerating.apply()).isZero();
  }

  @Test
  void rerate_reportedCost_stays() throws IOException {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder().reportedCost(Cost.usd("9")).build();
    costs.recordUsage("acme", "b", report, Attributes.empty());

    costs.rerate(prices("new", "1", "5"), Instant.MIN, Instant.MAX).apply();

    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("15"));
    assertThat(costs.statistics().unexplainedCost()).isEqualTo(Cost.usd("4"));
  }

  @Test
  void rerate_otherTime_isLeftOut() throws IOException {
    Instant first = clock.now();
    clock.advance(Duration.ofDays(1));
    costs.recordUsage("acme", "b", Usage.of(1_000_000, 0), Attributes.empty());

    Rerating rerating = costs.rerate(prices("new", "1", "5"), first.plusSeconds(1), Instant.MAX);

    assertThat(rerating.records()).isEqualTo(1);
    assertThat(rerating.difference()).isEqualTo(Cost.usd("3"));
  }

  private PriceCatalog prices(String version, String a, String b) throws IOException {
    Path file = directory.resolve(version + ".json");
    Files.writeString(file, TestPrices.of(version, Map.of("a", a, "b", b)));
    return PriceCatalog.load(file);
  }
}
