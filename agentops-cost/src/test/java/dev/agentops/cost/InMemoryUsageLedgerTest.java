package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryUsageLedgerTest extends UsageLedgerContract {

  @Override
  protected UsageLedger create(ZoneId zone, int maximumValues) {
    return InMemoryUsageLedger.builder()
        .zone(zone)
        .maximumValues(maximumValues)
        .cross("team", UsageLedger.MODEL)
        .build();
  }

  @Test
  void add_moreRecordsThanKept_removesTheOldestAndNoTotal() {
    UsageLedger ledger = InMemoryUsageLedger.builder().maximumRecords(100).build();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ledger.add(record("r" + i).timestamp(Instant.ofEpochSecond(i)).build());
      ids.add("r" + i);
    }

    assertThat(TestRecords.of(ledger))
        .extracting(UsageRecord::id)
        .isEqualTo(ids.subList(900, 1_000));
    assertThat(ledger.removedRecords()).isEqualTo(900);
    assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(1_000);
    assertThat(ledger.add(record("r900").build())).isFalse();
    assertThat(ledger.add(record("r899").build())).isTrue();
    assertThat(ledger.replace(record("r0").build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 5_000})
  void add_idsThatReturnAtRandom_areKnownAsLongAsKept(int maximum) {
    UsageLedger ledger = InMemoryUsageLedger.builder().maximumRecords(maximum).build();
    int known = 0;
    int again = 0;
    for (int i = 0; i < 3 * maximum + 20; i++) {
      known += ledger.add(record("id" + i).build()) ? 0 : 1;
      again += ledger.add(record("id" + i).build()) ? 0 : 1;
      // parts fill unevenly, so that only half of the ids are sure to be kept
      int earlier = Math.max(0, i - maximum / 2 + (maximum > 1 ? 1 : 0));
      again += ledger.add(record("id" + earlier).build()) ? 0 : 1;
    }
    assertThat(known).isZero();
    assertThat(again).isEqualTo(2 * (3 * maximum + 20));
    assertThat(TestRecords.of(ledger)).hasSizeBetween(maximum, maximum + 15);
  }

  @Test
  void maximumRecords_zero_keepsTotalsOnly() {
    UsageLedger ledger = InMemoryUsageLedger.builder().maximumRecords(0).build();

    assertThat(ledger.add(record("same").build())).isTrue();
    assertThat(ledger.add(record("same").build())).isTrue();

    assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(2);
    assertThat(ledger.replace(record("same").build())).isFalse();
    assertThat(TestRecords.of(ledger)).isEmpty();
    assertThat(ledger.removedRecords()).isEqualTo(2);
  }

  @Test
  void overflowedRecords_countsEachRecordOnce() {
    InMemoryUsageLedger ledger =
        InMemoryUsageLedger.builder().maximumValues(1).maximumAttributes(2).build();
    ledger.add(record("1").attributes(Attributes.of("a", "x", "b", "x")).build());
    assertThat(ledger.overflowedRecords()).isZero();

    ledger.add(record("2").attributes(Attributes.of("a", "y", "b", "y")).build());
    ledger.add(record("3").attributes(Attributes.of("a", List.of("y", "z"))).build());
    ledger.add(record("4").attributes(Attributes.of("c", "x")).build());

    assertThat(ledger.overflowedRecords()).isEqualTo(3);
    assertThat(ledger.totalsBy("a", UsageQuery.all()).get(UsageLedger.OVERFLOW).totalRequests())
        .isEqualTo(2);
    assertThat(ledger.totalsBy("c", UsageQuery.all())).isEmpty();
    assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(4);
  }

  @Test
  void maximumDays_olderDays_countInTheirMonthOnly() {
    InMemoryUsageLedger ledger = InMemoryUsageLedger.builder().maximumDays(40).build();
    NaiveUsageLedger model = new NaiveUsageLedger(ZoneOffset.UTC);
    LocalDate first = LocalDate.of(2026, 1, 1);
    for (int i = 0; i < 365; i++) {
      UsageRecord record = onDay(first.plusDays(i));
      ledger.add(record);
      model.add(record);
      ledger.totals(UsageQuery.all());
    }

    assertThat(ledger.days(UsageQuery.all())).isEqualTo(model.days(UsageQuery.all()));
    UsageQuery teamA = UsageQuery.all().where("team", "a");
    assertThat(ledger.days(teamA)).hasSizeBetween(20, 40).doesNotContainKey(first);
    ledger.days(teamA).forEach((day, total) -> assertThat(total.totalRequests()).isEqualTo(1));
    CostReport report = CostReport.builder(ledger, teamA).build();
    assertThat(report.totals().totalRequests()).isEqualTo(365);
    assertThat(report.earlier().totalRequests()).isEqualTo(365 - ledger.days(teamA).size());
    assertThat(report.toText()).contains("\n(earlier) ");
    assertThat(report.toCsv()).contains("\r\nearlier,,");
    assertThat(report.toJson()).contains("\"earlier\" : {");
    for (UsageQuery query : List.of(UsageQuery.all(), UsageQuery.all().where("team", "a"))) {
      assertThat(ledger.totals(query)).isEqualTo(model.totals(query));
      for (int month = 1; month <= 12; month++) {
        YearMonth of = YearMonth.of(2026, month);
        UsageQuery ofMonth = query.during(of.atDay(1), of.plusMonths(1).atDay(1));
        assertThat(ledger.totals(ofMonth)).as("%s", ofMonth).isEqualTo(model.totals(ofMonth));
      }
    }
    UsageQuery lastWeek = UsageQuery.between(first.plusDays(358), first.plusDays(365));
    assertThat(ledger.days(lastWeek)).isEqualTo(model.days(lastWeek));

    UsageRecord late = onDay(LocalDate.of(2026, 2, 14));
    ledger.add(late.toBuilder().id("late").build());
    UsageQuery february = UsageQuery.month(YearMonth.of(2026, 2)).where("team", "a");
    assertThat(ledger.totals(february).totalRequests()).isEqualTo(29);
    assertThat(ledger.totals(UsageQuery.day(LocalDate.of(2026, 2, 14))).totalRequests())
        .isEqualTo(2);
    LocalDate begin = LocalDate.of(2026, 2, 1);
    assertThat(ledger.totals(february.during(begin, begin.plusDays(1))))
        .isEqualTo(CostStatistics.NONE);
  }

  @Test
  void maximumDays_timesFromEverywhere_staysBounded() {
    InMemoryUsageLedger ledger =
        InMemoryUsageLedger.builder().maximumDays(10).maximumHours(10).build();
    for (int i = 0; i < 500; i++) {
      ledger.add(onDay(LocalDate.of(1000 + (i * 7919) % 3000, 1 + i % 12, 1 + i % 28)));
      ledger.totals(UsageQuery.all());
    }

    assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(500);
    assertThat(ledger.totals(UsageQuery.all().where("team", "a")).totalRequests()).isEqualTo(500);
    assertThat(ledger.days(UsageQuery.all())).hasSizeLessThanOrEqualTo(500);
    assertThat(ledger.days(UsageQuery.all().where("team", "a"))).hasSizeLessThanOrEqualTo(10);
    assertThat(ledger.hours(Instant.MIN, Instant.MAX)).hasSizeLessThanOrEqualTo(10);
  }

  @Test
  void maximumHours_tellsTheLatest() {
    InMemoryUsageLedger ledger = InMemoryUsageLedger.builder().maximumHours(2).build();
    for (int hour : new int[] {5, 1, 3, 4}) {
      ledger.add(record("r" + hour).timestamp(Instant.ofEpochSecond(hour * 3_600L)).build());
    }

    assertThat(ledger.hours(Instant.MIN, Instant.MAX))
        .containsOnlyKeys(Instant.ofEpochSecond(4 * 3_600L), Instant.ofEpochSecond(5 * 3_600L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+1000000000-12-31T23:59:59.999999999Z", "-1000000000-01-01T00:00:00Z"})
  void add_timeThatNoDateTells_isRefusedAndCountsNowhere(String time) {
    UsageLedger ledger = InMemoryUsageLedger.builder().zone(ZoneOffset.ofHours(1)).build();
    UsageLedger west = InMemoryUsageLedger.builder().zone(ZoneOffset.ofHours(-1)).build();
    UsageRecord record = record("r").timestamp(Instant.parse(time)).build();

    for (UsageLedger each : List.of(ledger, west)) {
      assertThatExceptionOfType(LedgerException.class)
          .isThrownBy(() -> each.add(record))
          .withMessageContaining(time.substring(0, 11));
      assertThat(each.totals(UsageQuery.all())).isEqualTo(CostStatistics.NONE);
      assertThat(TestRecords.of(each)).isEmpty();
    }
  }

  @Test
  void add_manyThreadsAndMoreKeysThanPending_losesNothing() throws Exception {
    InMemoryUsageLedger ledger =
        InMemoryUsageLedger.builder().maximumRecords(5_000).maximumValues(300).build();
    int threads = 6;
    int each = 4_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Long>> added = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      Callable<Long> adder =
          () -> {
            long count = 0;
            for (int i = 0; i < each; i++) {
              UsageRecord record =
                  record(thread + "-" + i)
                      .model("m" + i % 5)
                      .attributes(Attributes.of("session.id", "s" + i % 1_000))
                      .cost(Cost.ofPicoUsd(i))
                      .build();
              count += ledger.add(record) ? 1 : 0;
              if (i % 500 == 0) {
                ledger.totalsBy("session.id", UsageQuery.all());
              }
            }
            return count;
          };
      added.add(pool.submit(adder));
    }
    for (Future<Long> future : added) {
      assertThat(future.get()).isEqualTo(each);
    }
    pool.shutdown();

    Cost total = Cost.ofPicoUsd((long) each * (each - 1) / 2).times(threads);
    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(total);
    for (String dimension : List.of("session.id", UsageLedger.MODEL)) {
      CostStatistics sum =
          ledger.totalsBy(dimension, UsageQuery.all()).values().stream()
              .reduce(CostStatistics.NONE, CostStatistics::plus);
      assertThat(sum).as(dimension).isEqualTo(ledger.totals(UsageQuery.all()));
    }
    assertThat(ledger.totalsBy("session.id", UsageQuery.all())).hasSize(301);
    assertThat(ledger.removedRecords()).isEqualTo(threads * each - TestRecords.of(ledger).size());
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryUsageLedger.builder().maximumValues(0))
        .withMessageContaining("maximumValues")
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryUsageLedger.builder().maximumRecords(-1))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryUsageLedger.builder().cross("team", "team"))
        .withMessageContaining("'team'");
  }

  private static UsageRecord onDay(LocalDate day) {
    return record(day.toString())
        .timestamp(day.atTime(10, 0).toInstant(ZoneOffset.UTC))
        .attributes(Attributes.of("team", "a"))
        .cost(Cost.usd("0.01"))
        .build();
  }
}
