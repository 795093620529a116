package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every ledger holds to. */
abstract class UsageLedgerContract {

  private static final LocalDate FIRST_DAY = LocalDate.of(2026, 1, 20);

  private UsageLedger ledger;

  abstract UsageLedger create();

  @BeforeEach
  void open() {
    ledger = create();
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void totals_randomRecords_equalTheSumOfThem(long seed) {
    List<UsageRecord> records = records(new Random(seed), 2_000);

    records.forEach(record -> ledger.add(record, day(record)));

    assertThat(ledger.totals()).isEqualTo(sum(records, record -> true));
    for (int i = -1; i < 60; i++) {
      LocalDate day = FIRST_DAY.plusDays(i);
      assertThat(ledger.totals(day)).isEqualTo(sum(records, r -> day(r).equals(day)));
    }
    for (int i = 0; i < 4; i++) {
      YearMonth month = YearMonth.from(FIRST_DAY).plusMonths(i);
      assertThat(ledger.totals(month))
          .isEqualTo(sum(records, r -> YearMonth.from(day(r)).equals(month)));
    }
    assertThat(ledger.totalsBy(UsageLedger.MODEL)).isEqualTo(sumBy(records, UsageRecord::model));
    assertThat(ledger.totalsBy(UsageLedger.PROVIDER))
        .isEqualTo(sumBy(records, UsageRecord::provider));
    assertThat(ledger.totalsBy("team")).isEqualTo(sumBy(records, r -> r.attributes().text("team")));
    assertThat(ledger.totalsBy("nobody")).isEmpty();
  }

  @Test
  void add_manyThreads_losesNothing() throws Exception {
    int threads = 8;
    List<UsageRecord> records = records(new Random(7), 500);
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(
          pool.submit(
              () -> {
                start.await();
                records.forEach(record -> ledger.add(record, day(record)));
                return null;
              }));
    }

    start.countDown();
    for (Future<?> each : all) {
      each.get();
    }
    pool.shutdown();

    CostStatistics once = sum(records, record -> true);
    assertThat(ledger.totals().totalRequests()).isEqualTo(threads * once.totalRequests());
    assertThat(ledger.totals().totalCost()).isEqualTo(once.totalCost().times(threads));
    Cost byTeam =
        ledger.totalsBy("team").values().stream()
            .map(CostStatistics::totalCost)
            .reduce(Cost.ZERO, Cost::plus);
    Cost ofTeams = sum(records, r -> r.attributes().get("team") != null).totalCost();
    assertThat(byTeam).isEqualTo(ofTeams.times(threads));
  }

  @Test
  void records_areTheLatest() {
    List<UsageRecord> records = records(new Random(8), 3);

    records.forEach(record -> ledger.add(record, day(record)));

    assertThat(ledger.records()).isEqualTo(records);
    assertThat(ledger.droppedRecords()).isZero();
  }

  static List<UsageRecord> records(Random random, int count) {
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean priced = random.nextInt(10) > 0;
      Attributes attributes =
          random.nextInt(5) == 0
              ? Attributes.empty()
              : Attributes.of("team", "team-" + random.nextInt(12));
      records.add(
          new UsageRecord(
              "id-" + i,
              FIRST_DAY.plusDays(random.nextInt(58)).atTime(12, 0).toInstant(ZoneOffset.UTC),
              "provider-" + random.nextInt(3),
              "model-" + random.nextInt(20),
              Usage.of(random.nextInt(100_000), random.nextInt(10_000)),
              attributes,
              priced ? Optional.of(Cost.ofPicoUsd(random.nextLong(1L << 58))) : Optional.empty(),
              "v1",
              random.nextBoolean()));
    }
    return records;
  }

  static LocalDate day(UsageRecord record) {
    return LocalDate.ofInstant(record.timestamp(), ZoneOffset.UTC);
  }

  static CostStatistics sum(List<UsageRecord> records, Predicate<UsageRecord> which) {
    List<UsageRecord> chosen = records.stream().filter(which).toList();
    return new CostStatistics(
        chosen.size(),
        chosen.stream().filter(r -> r.cost().isEmpty()).count(),
        chosen.stream().filter(UsageRecord::estimated).count(),
        chosen.stream().mapToLong(r -> r.usage().inputTokens()).sum(),
        chosen.stream().mapToLong(r -> r.usage().outputTokens()).sum(),
        Cost.usd(
            chosen.stream()
                .flatMap(r -> r.cost().stream())
                .map(Cost::usd)
                .reduce(BigDecimal.ZERO, BigDecimal::add)));
  }

  private static Map<String, CostStatistics> sumBy(
      List<UsageRecord> records, Function<UsageRecord, String> dimension) {
    Map<String, CostStatistics> sums = new TreeMap<>();
    records.stream()
        .map(dimension)
        .filter(value -> value != null)
        .distinct()
        .forEach(value -> sums.put(value, sum(records, r -> value.equals(dimension.apply(r)))));
    return sums;
  }
}
