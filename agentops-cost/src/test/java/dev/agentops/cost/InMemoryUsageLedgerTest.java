package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemoryUsageLedgerTest extends UsageLedgerContract {

  @Override
  UsageLedger create() {
    return UsageLedger.inMemory();
  }

  @Test
  void add_moreRecordsThanKept_dropsTheOldestAndNoTotal() {
    List<UsageRecord> records = records(new Random(9), 500);
    try (UsageLedger ledger = InMemoryUsageLedger.builder().maximumRecords(100).build()) {
      records.forEach(record -> ledger.add(record, day(record)));

      assertThat(ledger.records()).isEqualTo(records.subList(400, 500));
      assertThat(ledger.droppedRecords()).isEqualTo(400);
      assertThat(ledger.totals()).isEqualTo(sum(records, record -> true));
    }
  }

  @Test
  void add_moreValuesThanKept_countsThemTogetherAndStaysExact() {
    try (InMemoryUsageLedger ledger = InMemoryUsageLedger.builder().maximumValues(10).build()) {
      for (int i = 0; i < 1_000; i++) {
        add(ledger, Attributes.of("user.id", "user-" + (i % 100)));
      }

      Map<String, CostStatistics> byUser = ledger.totalsBy("user.id");
      assertThat(byUser).hasSize(11).containsKeys("user-0", "user-9", UsageLedger.OVERFLOW);
      assertThat(byUser.get("user-0").totalCost()).isEqualTo(Cost.usd("0.10"));
      assertThat(byUser.get(UsageLedger.OVERFLOW).totalCost()).isEqualTo(Cost.usd("9.00"));
      assertThat(ledger.totals().totalCost()).isEqualTo(Cost.usd("10.00"));
      assertThat(ledger.overflowed()).isEqualTo(900);
    }
  }

  @Test
  void add_moreAttributesThanKept_countsThem() {
    try (InMemoryUsageLedger ledger = InMemoryUsageLedger.builder().build()) {
      for (int i = 0; i < InMemoryUsageLedger.MAXIMUM_ATTRIBUTES + 5; i++) {
        add(ledger, Attributes.of("attribute-" + i, "x"));
      }

      assertThat(ledger.overflowed()).isEqualTo(7); // the model and the provider take two places
      assertThat(ledger.totalsBy("attribute-0").get("x").totalRequests()).isEqualTo(1);
    }
  }

  @Test
  void maximumValues_tooSmall_isQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryUsageLedger.builder().maximumValues(0))
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryUsageLedger.builder().maximumRecords(-1))
        .withMessageContaining("-1");
  }

  private static void add(UsageLedger ledger, Attributes attributes) {
    UsageRecord record =
        new UsageRecord(
            "id",
            Instant.EPOCH,
            "p",
            "m",
            Usage.of(1, 1),
            attributes,
            Optional.of(Cost.usd("0.01")),
            "v",
            false);
    ledger.add(record, day(record));
  }
}
