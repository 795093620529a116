package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every ledger promises; each back end extends it. */
public abstract class UsageLedgerContract {

  private static final String TEAM_AND_MODEL = UsageLedger.crossed("team", UsageLedger.MODEL);
  private static final List<String> DIMENSIONS =
      List.of(
          UsageLedger.MODEL,
          UsageLedger.PROVIDER,
          UsageLedger.OPERATION,
          "team",
          Attributes.TAGS,
          "attempt",
          "paid",
          TEAM_AND_MODEL);
  private static final Instant NOON = Instant.parse("2028-03-01T12:00:00Z");

  private final List<UsageLedger> opened = new ArrayList<>();

  /**
   * An empty ledger that crosses {@code team} with the model, keeps all records, days and hours
   * that a test adds, and has made each record as safe as it can when {@code add} returns.
   *
   * @param maximumValues how many values of a dimension it tells apart
   */
  protected abstract UsageLedger create(ZoneId zone, int maximumValues);

  @AfterEach
  void close() {
    opened.forEach(UsageLedger::close);
  }

  @ParameterizedTest
  @CsvSource({
    "1, UTC",
    "2, Europe/Berlin",
    "3, America/New_York",
    "4, Australia/Lord_Howe",
    "5, Asia/Kathmandu",
    "6, Pacific/Apia"
  })
  void queries_randomRecords_equalTheModel(long seed, String zone) {
    UsageLedger ledger = open(ZoneId.of(zone));
    UsageLedger model = new NaiveUsageLedger(ZoneId.of(zone));
    for (UsageRecord record : new RandomRecords(seed, "r").next(400)) {
      assertThat(ledger.add(record)).isTrue();
      model.add(record);
    }

    assertThat(ledger.zone()).isEqualTo(ZoneId.of(zone));
    assertSameAnswers(ledger, model, new Random(seed));
  }

  @Test
  void queries_emptyLedger_areEmpty() {
    UsageLedger ledger = open(ZoneOffset.UTC);

    assertThat(ledger.totals(UsageQuery.all())).isEqualTo(CostStatistics.NONE);
    assertThat(ledger.totals(UsageQuery.day(LocalDate.EPOCH))).isEqualTo(CostStatistics.NONE);
    assertThat(ledger.totalsBy(UsageLedger.MODEL, UsageQuery.all())).isEmpty();
    assertThat(ledger.totalsBy("nobody", UsageQuery.all())).isEmpty();
    assertThat(ledger.days(UsageQuery.all())).isEmpty();
    assertThat(ledger.hours(Instant.MIN, Instant.MAX)).isEmpty();
    assertThat(TestRecords.of(ledger)).isEmpty();
    assertThat(ledger.removedRecords()).isZero();
    assertThat(ledger.lostRecords()).isZero();
  }

  @Test
  void totals_eachKindOfRecord_isCountedApart() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(
        record("exact")
            .usage(
                Usage.builder()
                    .inputTokens(100)
                    .cacheReadTokens(30)
                    .cacheWriteTokens(20)
                    .outputTokens(10)
                    .reasoningTokens(4)
                    .build())
            .cost(Cost.usd("0.5"))
            .calculatedCost(Cost.usd("0.4"))
            .reportedCost(Cost.usd("0.5"))
            .build());
    ledger.add(record("unpriced").usage(Usage.of(7, 1)).build());
    ledger.add(
        record("estimated")
            .cost(Cost.usd("2"))
            .calculatedCost(Cost.usd("2"))
            .lowestCost(Cost.usd("1"))
            .highestCost(Cost.usd("3"))
            .estimated(true)
            .build());
    ledger.add(
        record("hit").usage(Usage.of(9, 9)).cacheHit(true).savedCost(Cost.usd("0.25")).build());
    ledger.add(record("task").operation(UsageRecord.TASK).build());
    ledger.add(record("failed task").operation(UsageRecord.TASK).succeeded(false).build());

    assertThat(ledger.totals(UsageQuery.all()))
        .isEqualTo(
            CostStatistics.builder()
                .totalRequests(3)
                .unpricedRequests(1)
                .estimatedRequests(1)
                .totalInputTokens(107)
                .totalOutputTokens(11)
                .cacheReadTokens(30)
                .cacheWriteTokens(20)
                .reasoningTokens(4)
                .totalCost(Cost.usd("2.5"))
                .lowestCost(Cost.usd("1.5"))
                .highestCost(Cost.usd("3.5"))
                .reportedCost(Cost.usd("0.5"))
                .calculatedCost(Cost.usd("0.4"))
                .cacheHits(1)
                .savedCost(Cost.usd("0.25"))
                .tasks(2)
                .succeededTasks(1)
                .build());
  }

  @Test
  void totals_sumsBeyondALong_areExact() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    for (int i = 0; i < 5; i++) {
      ledger.add(record("most-" + i).cost(Cost.ofPicoUsd(Long.MAX_VALUE)).build());
    }
    ledger.add(record("least").cost(Cost.usd("0.0000000000000000001")).build());

    BigDecimal sum = new BigDecimal("46116860.1842738790350000001");
    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd(sum));
    assertThat(ledger.totals(UsageQuery.day(LocalDate.of(2028, 3, 1))).highestCost())
        .isEqualTo(Cost.usd(sum));
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2028-03-26, 23",
    "Europe/Berlin, 2028-10-29, 25",
    "America/New_York, 2028-03-12, 23",
    "Australia/Lord_Howe, 2028-04-02, 24",
    "UTC, 2028-02-29, 24",
    "Asia/Kathmandu, 2028-02-29, 24"
  })
  void days_beginAndEndAtMidnightOfTheZone(String zoneId, LocalDate day, int hours) {
    ZoneId zone = ZoneId.of(zoneId);
    UsageLedger ledger = open(zone);
    Instant begin = day.atStartOfDay(zone).toInstant();
    Instant end = day.plusDays(1).atStartOfDay(zone).toInstant();
    int minutes = 0;
    for (Instant at = begin; at.isBefore(end); at = at.plus(Duration.ofMinutes(15))) {
      ledger.add(record("at " + at).timestamp(at).build());
      minutes += 15;
    }
    ledger.add(record("before").timestamp(begin.minusNanos(1_000)).build());
    ledger.add(record("last").timestamp(end.minusNanos(1_000)).build());
    ledger.add(record("after").timestamp(end).build());

    assertThat(ledger.days(UsageQuery.all()))
        .containsOnlyKeys(day.minusDays(1), day, day.plusDays(1));
    assertThat(ledger.totals(UsageQuery.day(day)).totalRequests()).isEqualTo(minutes / 15 + 1);
    assertThat(ledger.hours(begin, end)).hasSize(hours).containsKey(begin);
    assertThat(ledger.hours(begin.plusSeconds(1), begin.plusSeconds(2))).containsOnlyKeys(begin);
    assertThat(ledger.hours(end, end)).isEmpty();
  }

  @Test
  void add_timesFarApartInAnyOrder_countEach() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    for (String day : List.of("2028-02-29", "1969-12-31", "2999-01-01", "2000-02-29")) {
      ledger.add(record(day).timestamp(Instant.parse(day + "T23:59:59.999999Z")).build());
    }

    assertThat(ledger.days(UsageQuery.all()))
        .containsOnlyKeys(
            LocalDate.of(1969, 12, 31),
            LocalDate.of(2000, 2, 29),
            LocalDate.of(2028, 2, 29),
            LocalDate.of(2999, 1, 1));
    assertThat(ledger.totals(UsageQuery.month(YearMonth.of(2028, 2))).totalRequests()).isEqualTo(1);
    assertThat(TestRecords.of(ledger))
        .extracting(UsageRecord::id)
        .containsExactly("1969-12-31", "2000-02-29", "2028-02-29", "2999-01-01");
  }

  @Test
  void add_sameIdAgain_changesNothing() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    UsageRecord first = record("same").cost(Cost.usd("1")).build();

    assertThat(ledger.add(first)).isTrue();
    assertThat(ledger.add(first)).isFalse();
    assertThat(ledger.add(record("same").model("other").cost(Cost.usd("5")).build())).isFalse();

    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd("1"));
    assertThat(ledger.totalsBy(UsageLedger.MODEL, UsageQuery.all())).containsOnlyKeys("unknown");
    assertThat(TestRecords.of(ledger)).containsExactly(first);
  }

  @Test
  void totalsBy_list_countsOnceForEachElement() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(record("1").attributes(Attributes.of("team", List.of("a", "b", "a"))).build());
    ledger.add(record("2").attributes(Attributes.of("team", List.of())).build());
    ledger.add(record("3").attributes(Attributes.of("team", "b")).build());

    assertThat(requests(ledger.totalsBy("team", UsageQuery.all())))
        .isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(requests(ledger.totalsBy(TEAM_AND_MODEL, UsageQuery.all())))
        .isEqualTo(Map.of("a x unknown", 1L, "b x unknown", 2L));
    assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(3);
  }

  @Test
  void totalsBy_attributeNamedLikeAPartOfTheRecord_countsThePart() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(
        record("1")
            .provider("acme")
            .model("plain")
            .attributes(Attributes.of(UsageLedger.MODEL, "m", UsageLedger.PROVIDER, "p"))
            .build());

    assertThat(ledger.totalsBy(UsageLedger.MODEL, UsageQuery.all())).containsOnlyKeys("plain");
    assertThat(ledger.totalsBy(UsageLedger.PROVIDER, UsageQuery.all())).containsOnlyKeys("acme");
  }

  @Test
  void totalsBy_notCrossed_isEmpty() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(record("1").attributes(Attributes.of("team", "a")).build());

    assertThat(ledger.totalsBy(UsageLedger.crossed(UsageLedger.MODEL, "team"), UsageQuery.all()))
        .isEmpty();
  }

  @Test
  void totalsBy_queryWithADimension_isRefused() {
    UsageLedger ledger = open(ZoneOffset.UTC);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.totalsBy("team", UsageQuery.all().where("user.id", "u-7")))
        .withMessageContaining("user.id");
  }

  @Test
  void totalsBy_oddTexts_areToldApart() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    Set<String> texts =
        Set.of(
            "", " ", "a", "A", "a ", "it's", "say \"x\"", "%", "a,b\n", "é", "e\u0301", "名", "😀");
    for (String text : texts) {
      ledger.add(record("id " + text).attributes(Attributes.of("user.id", text)).build());
    }

    assertThat(requests(ledger.totalsBy("user.id", UsageQuery.all())))
        .hasSize(texts.size())
        .allSatisfy((text, requests) -> assertThat(requests).as(text).isEqualTo(1));
    for (String text : texts) {
      assertThat(ledger.totals(UsageQuery.all().where("user.id", text)).totalRequests())
          .as(text)
          .isEqualTo(1);
    }
  }

  @Test
  void totalsBy_moreValuesThanRoom_countsTheOthersTogether() {
    UsageLedger ledger = create(ZoneOffset.UTC, 10);
    opened.add(ledger);
    for (int i = 0; i < 300; i++) {
      ledger.add(
          record("r" + i)
              .cost(Cost.usd("0.01"))
              .attributes(Attributes.of("user.id", "user-" + (i % 30)))
              .build());
    }

    Map<String, CostStatistics> byUser = ledger.totalsBy("user.id", UsageQuery.all());
    assertThat(byUser).hasSize(11).containsKeys("user-0", "user-9", UsageLedger.OVERFLOW);
    assertThat(byUser.get("user-0").totalCost()).isEqualTo(Cost.usd("0.10"));
    assertThat(byUser.get(UsageLedger.OVERFLOW).totalCost()).isEqualTo(Cost.usd("2.00"));
    assertThat(ledger.totals(UsageQuery.all().where("user.id", "user-25")))
        .isEqualTo(CostStatistics.NONE);
    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd("3.00"));
  }

  @Test
  void totalsBy_listWithoutRoom_countsOnceTogether() {
    UsageLedger ledger = create(ZoneOffset.UTC, 1);
    opened.add(ledger);
    ledger.add(record("1").attributes(Attributes.of("team", List.of("a", "b", "c"))).build());

    assertThat(requests(ledger.totalsBy("team", UsageQuery.all())))
        .isEqualTo(Map.of("a", 1L, UsageLedger.OVERFLOW, 1L));
  }

  @Test
  void replace_recordWithoutRoom_movesWhereItWasCounted() {
    UsageLedger ledger = create(ZoneOffset.UTC, 2);
    opened.add(ledger);
    for (String team : List.of("a", "b", "c")) {
      ledger.add(record(team).attributes(Attributes.of("team", team)).cost(Cost.usd("5")).build());
    }

    for (UsageRecord each : TestRecords.of(ledger)) {
      ledger.replace(each.toBuilder().cost(Cost.usd("2")).build());
    }

    assertThat(ledger.totalsBy("team", UsageQuery.all()))
        .containsOnlyKeys("a", "b", UsageLedger.OVERFLOW)
        .allSatisfy((team, total) -> assertThat(total.totalCost()).isEqualTo(Cost.usd("2")));
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void replace_randomRecords_equalsTheModel(long seed) {
    UsageLedger ledger = open(ZoneId.of("Europe/Berlin"));
    UsageLedger model = new NaiveUsageLedger(ledger.zone());
    RandomRecords random = new RandomRecords(seed, "r");
    List<UsageRecord> records = random.next(200);
    records.forEach(ledger::add);
    records.forEach(model::add);

    for (UsageRecord record : records.subList(50, 150)) {
      UsageRecord corrected = random.repriced(record);
      assertThat(ledger.replace(corrected)).isTrue();
      model.replace(corrected);
    }

    assertSameAnswers(ledger, model, new Random(seed));
  }

  @Test
  void replace_unknownId_changesNothing() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(record("known").build());

    assertThat(ledger.replace(record("unknown").cost(Cost.usd("1")).build())).isFalse();

    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.ZERO);
    assertThat(TestRecords.of(ledger)).hasSize(1);
  }

  @Test
  void replace_otherDimensionsOrTime_isRefused() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    UsageRecord record = record("id").attributes(Attributes.of("team", "a")).build();
    ledger.add(record);

    for (UsageRecord.Builder other :
        List.of(
            record.toBuilder().timestamp(NOON.plusSeconds(1)),
            record.toBuilder().model("other"),
            record.toBuilder().provider("other"),
            record.toBuilder().operation("other"),
            record.toBuilder().attributes(Attributes.empty()))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ledger.replace(other.cost(Cost.usd("1")).build()))
          .withMessageContaining("id");
    }
    assertThat(TestRecords.of(ledger)).containsExactly(record);
    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.ZERO);
  }

  @Test
  void records_everyPart_isKept() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    UsageRecord full =
        record("full")
            .operation("chat")
            .provider("acme")
            .model("plain")
            .usage(
                Usage.builder()
                    .inputTokens(1_000)
                    .cacheReadTokens(300)
                    .cacheWriteTokens(200)
                    .cacheWrite1hTokens(100)
                    .inputAudioTokens(90)
                    .cacheReadAudioTokens(80)
                    .inputImageTokens(70)
                    .outputTokens(500)
                    .reasoningTokens(60)
                    .outputAudioTokens(50)
                    .outputImageTokens(40)
                    .units("audio_seconds", new BigDecimal("12.5"))
                    .build())
            .attributes(
                Attributes.builder()
                    .put("text", "it's \"x\"\n😀")
                    .put("list", List.of("b", "a"))
                    .put("long", Long.MAX_VALUE)
                    .put("double", 0.1)
                    .put("boolean", true)
                    .build())
            .cost(Cost.usd("1.000000000001"))
            .calculatedCost(Cost.usd("0.9"))
            .reportedCost(Cost.usd("1.000000000001"))
            .lowestCost(Cost.usd("0.0000000000000000001"))
            .highestCost(Cost.usd("99999999999"))
            .estimated(true)
            .priceVersion("2026-11-22#1a2b")
            .priceRule("acme/plain#1")
            .serviceTier("batch")
            .region("eu")
            .speed("fast")
            .succeeded(false)
            .traceId("0af7651916cd43dd8448eb211c80319c")
            .spanId("b7ad6b7169203331")
            .build();
    UsageRecord hit = record("hit").cacheHit(true).savedCost(Cost.usd("0.25")).build();
    ledger.add(full);
    ledger.add(hit);

    assertThat(TestRecords.of(ledger)).containsExactlyInAnyOrder(full, hit);
  }

  @Test
  void records_range_holdsItsBeginAndNotItsEnd() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    for (int second : new int[] {3, 1, 2, 0}) {
      ledger.add(record("s" + second).timestamp(NOON.plusSeconds(second)).build());
    }
    List<String> ids = new ArrayList<>();

    ledger.records(NOON.plusSeconds(1), NOON.plusSeconds(3), record -> ids.add(record.id()));

    assertThat(ids).containsExactly("s1", "s2");
  }

  @Test
  void records_action_mayReplaceThem() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    for (int i = 0; i < 50; i++) {
      ledger.add(record("r" + i).timestamp(NOON.plusSeconds(i)).cost(Cost.usd("1")).build());
    }

    ledger.records(
        Instant.MIN,
        Instant.MAX,
        record -> ledger.replace(record.toBuilder().cost(Cost.usd("2")).build()));

    assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd("100"));
    assertThat(TestRecords.of(ledger))
        .hasSize(50)
        .allMatch(record -> record.cost().equals(Optional.of(Cost.usd("2"))));
  }

  @Test
  void records_actionThatThrows_endsTheReadingAndNothingElse() {
    UsageLedger ledger = open(ZoneOffset.UTC);
    ledger.add(record("1").build());
    ledger.add(record("2").build());
    IllegalStateException enough = new IllegalStateException("enough");

    assertThatThrownBy(
            () ->
                ledger.records(
                    Instant.MIN,
                    Instant.MAX,
                    record -> {
                      throw enough;
                    }))
        .isSameAs(enough);

    assertThat(ledger.add(record("3").build())).isTrue();
    assertThat(TestRecords.of(ledger)).hasSize(3);
  }

  @Test
  void add_manyThreads_countEachIdOnce() throws Exception {
    UsageLedger ledger = open(ZoneOffset.UTC);
    UsageLedger model = new NaiveUsageLedger(ZoneOffset.UTC);
    List<UsageRecord> shared = new RandomRecords(7, "shared-").next(100);
    shared.forEach(model::add);
    List<Callable<Long>> adders = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<UsageRecord> own = new RandomRecords(20 + i, i + "-").next(100);
      own.forEach(model::add);
      adders.add(
          () -> {
            long added = own.stream().filter(ledger::add).count();
            return added + shared.stream().filter(ledger::add).count();
          });
    }

    assertThat(together(adders).stream().mapToLong(added -> added).sum()).isEqualTo(900);

    assertSameAnswers(ledger, model, new Random(7));
  }

  @Test
  void totals_whileOthersAdd_areOfWholeRecordsAndNeverFall() throws Exception {
    UsageLedger ledger = open(ZoneOffset.UTC);
    AtomicBoolean done = new AtomicBoolean();
    UsageQuery day = UsageQuery.day(LocalDate.of(2028, 3, 1));
    Callable<Long> reader =
        () -> {
          long most = 0;
          do {
            CostStatistics now = ledger.totals(day);
            assertThat(now.totalRequests()).isGreaterThanOrEqualTo(most);
            most = now.totalRequests();
            assertThat(now.totalInputTokens()).isEqualTo(3 * most);
            assertThat(now.totalOutputTokens()).isEqualTo(7 * most);
            assertThat(now.totalCost()).isEqualTo(Cost.usd("0.001").times(most));
          } while (!done.get());
          return most;
        };
    Callable<Long> writer =
        () -> {
          try {
            for (int i = 0; i < 500; i++) {
              ledger.add(record("r" + i).usage(Usage.of(3, 7)).cost(Cost.usd("0.001")).build());
              assertThat(ledger.totals(day).totalRequests()).isEqualTo(i + 1);
            }
          } finally {
            done.set(true);
          }
          return 500L;
        };

    together(List.of(reader, reader, writer));
  }

  /** An empty ledger with room for 1,000 values of each dimension, closed after the test. */
  protected final UsageLedger open(ZoneId zone) {
    UsageLedger ledger = create(zone, 1_000);
    opened.add(ledger);
    return ledger;
  }

  /** A chat of an unknown model at noon of 1 March 2028 that consumed nothing and has no price. */
  protected static UsageRecord.Builder record(String id) {
    return UsageRecord.builder().id(id).timestamp(NOON);
  }

  /** Records of every kind, from 20 February to 10 April 2028, in no order. */
  protected static List<UsageRecord> randomRecords(long seed, int count) {
    return new RandomRecords(seed, "r").next(count);
  }

  /** Compares all that can be asked with what a list of these records says. */
  protected static void assertSameAnswers(UsageLedger ledger, List<UsageRecord> records) {
    UsageLedger model = new NaiveUsageLedger(ledger.zone());
    records.forEach(model::add);
    assertSameAnswers(ledger, model, new Random(records.size()));
  }

  private static void assertSameAnswers(UsageLedger ledger, UsageLedger model, Random random) {
    LocalDate first = LocalDate.ofInstant(RandomRecords.FIRST, ZoneOffset.UTC).minusDays(2);
    List<UsageQuery> ranges = new ArrayList<>(List.of(UsageQuery.all()));
    for (int i = 0; i < 54; i++) {
      ranges.add(UsageQuery.day(first.plusDays(i)));
    }
    for (int month = 1; month < 6; month++) {
      ranges.add(UsageQuery.month(YearMonth.of(2028, month)));
    }
    for (int i = 0; i < 5; i++) {
      LocalDate from = first.plusDays(random.nextInt(50));
      ranges.add(UsageQuery.between(from, from.plusDays(random.nextInt(30))));
    }
    for (UsageQuery range : ranges) {
      assertThat(ledger.totals(range)).as("%s", range).isEqualTo(model.totals(range));
      assertThat(ledger.days(range)).as("%s", range).isEqualTo(model.days(range));
    }
    for (String dimension : DIMENSIONS) {
      for (UsageQuery range :
          List.of(ranges.get(0), ranges.get(30), ranges.get(ranges.size() - 1))) {
        Map<String, CostStatistics> expected = model.totalsBy(dimension, range);
        assertThat(ledger.totalsBy(dimension, range))
            .as("%s, %s", dimension, range)
            .isEqualTo(expected);
        expected.forEach(
            (value, totals) -> {
              UsageQuery query = range.where(dimension, value);
              assertThat(ledger.totals(query)).as("%s", query).isEqualTo(totals);
              assertThat(ledger.days(query)).as("%s", query).isEqualTo(model.days(query));
            });
      }
    }
    for (int i = 0; i < 5; i++) {
      Instant from = RandomRecords.FIRST.plusSeconds(random.nextInt(4_000_000));
      Instant until = from.plusSeconds(random.nextInt(2_000_000));
      assertThat(ledger.hours(from, until)).isEqualTo(model.hours(from, until));
      assertThat(records(ledger, from, until)).isEqualTo(records(model, from, until));
    }
    assertThat(ledger.lostRecords()).isZero();
  }

  private static List<UsageRecord> records(UsageLedger ledger, Instant from, Instant until) {
    List<UsageRecord> records = new ArrayList<>();
    ledger.records(from, until, records::add);
    return records;
  }

  private static Map<String, Long> requests(Map<String, CostStatistics> totals) {
    Map<String, Long> requests = new TreeMap<>();
    totals.forEach((value, each) -> requests.put(value, each.totalRequests()));
    return requests;
  }

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
    try {
      CountDownLatch ready = new CountDownLatch(tasks.size());
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> task : tasks) {
        futures.add(
            pool.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  return task.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }
}
