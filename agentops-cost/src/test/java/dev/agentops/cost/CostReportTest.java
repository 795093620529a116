package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostReportTest {

  private static final LocalDate TODAY = LocalDate.of(2026, 11, 29);
  private static final UsageQuery NOVEMBER = UsageQuery.month(YearMonth.of(2026, 11));

  private final UsageLedger ledger =
      InMemoryUsageLedger.builder().cross("team", UsageLedger.MODEL).build();

  @Test
  void toText_smallMonth_isAligned() {
    addSmallMonth();

    String text = report().toText(82);

    assertThat(text)
        .isEqualTo(
            """
            Cost 2026-11-01 to 2026-11-30 (UTC)
              requests    4, 1 estimated
              tokens      4,600 in (1,000 from the cache), 450 out
              cost        at least $12.25 (1 without a price), $13.25 as estimated
              reported    $1.25, of which unexplained $0.05
              saved       $0.75 by 1 cached answers
              tasks       1 of 2 succeeded, at least $13.25 each
              forecast    $16.50 for 2026-11, between $13.25 and $16.50
              budget day  $10.00 of $20.00

            day                                 requests      input     output            cost
            2026-11-28                                 2      2,100        150       $3.250000
            2026-11-29                                 2      2,500        300    ≥ $10.000000

            team                     requests      input     output      tasks            cost
            search                          2      3,500        350          0      $12.000000
            ads                             1      1,000        100          0       $1.250000
            (none)                          1        100          0          2         unknown

            model without a price                                                     requests
            tomorrow-1                                                                       1
            """);
    assertThat(text.lines()).allMatch(line -> line.length() <= 82);
  }

  @Test
  void toText_namesThatSteerATerminalOrAreLong_areMadePlain() {
    ledger.add(
        at("2026-11-28")
            .model("\u001b[2Jred\nmodel\u202e" + "x".repeat(300) + "😀")
            .cost(Cost.ZERO)
            .build());

    String text = CostReport.builder(ledger, NOVEMBER).by(UsageLedger.MODEL).build().toText(60);

    assertThat(text).contains("?[2Jred?model?xxx").contains("x… ");
    assertThat(text.lines()).allMatch(line -> line.codePointCount(0, line.length()) <= 60);
    assertThat(text.chars().filter(c -> c != '\n')).noneMatch(Character::isISOControl);
  }

  @Test
  void toText_tooNarrow_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostReport.of(ledger, NOVEMBER).toText(59))
        .withMessageContaining("59");
  }

  @Test
  void toText_emptyLedger_saysSo() {
    assertThat(CostReport.of(ledger, UsageQuery.all()).toText())
        .isEqualTo(
            """
            Cost of all days (UTC)
              requests    0
              tokens      0 in (0 from the cache), 0 out
              cost        $0.00
            """);
  }

  @Test
  void toCsv_smallMonth_isExact() {
    addSmallMonth();

    assertThat(report().toCsv())
        .isEqualTo(
            """
            section,value,requests,unpriced_requests,estimated_requests,input_tokens,output_tokens,\
            cache_read_tokens,cache_write_tokens,reasoning_tokens,cost_usd,lowest_cost_usd,\
            highest_cost_usd,reported_cost_usd,calculated_cost_usd,cache_hits,saved_cost_usd,tasks,\
            succeeded_tasks,limit_usd
            total,,4,1,1,4600,450,1000,0,0,13.25,12.25,14.25,1.25,1.2,1,0.75,2,1,
            day,2026-11-28,2,0,1,2100,150,0,0,0,3.25,2.25,4.25,1.25,1.2,0,0,2,1,
            day,2026-11-29,2,1,0,2500,300,1000,0,0,10,10,10,0,0,1,0.75,0,0,
            by:team,search,2,0,1,3500,350,1000,0,0,12,11,13,0,0,1,0.75,0,0,
            by:team,ads,1,0,0,1000,100,0,0,0,1.25,1.25,1.25,1.25,1.2,0,0,0,0,
            by:team,(none),1,1,0,100,0,0,0,0,,,,0,0,0,0,2,1,
            unpriced_model,tomorrow-1,1,1,0,100,0,0,0,0,,,,0,0,0,0,0,0,
            forecast,2026-11,,,,,,,,,16.5,13.25,16.5,,,,,,,
            budget,day,,,,,,,,,10,,,,,,,,,20
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void toCsv_formulas_areText() {
    for (String model : List.of("=1+1", "+1", "-1", "@x", "\tx", "＝1", "a\"b", "a,b", "a\r\nb")) {
      ledger.add(at("2026-11-28").model(model).cost(Cost.usd("1")).build());
    }

    assertThat(CostReport.builder(ledger, NOVEMBER).by(UsageLedger.MODEL).build().toCsv())
        .contains(
            ",'=1+1,",
            ",'+1,",
            ",'-1,",
            ",'@x,",
            ",'\tx,",
            ",'＝1,",
            ",\"a\"\"b\",",
            ",\"a,b\",",
            ",\"a\r\nb\",");
  }

  @Test
  void toJson_smallMonth_tellsEverything() throws Exception {
    addSmallMonth();

    JsonNode json = new ObjectMapper().readTree(report().toJson());

    assertThat(json.at("/from").asText()).isEqualTo("2026-11-01");
    assertThat(json.at("/until").asText()).isEqualTo("2026-12-01");
    assertThat(json.at("/totals/cost").asText()).isEqualTo("13.25");
    assertThat(json.at("/totals/cost").isTextual()).isTrue();
    assertThat(json.at("/totals/unexplained").asText()).isEqualTo("0.05");
    assertThat(json.at("/totals/costPerSuccessfulTask").asText()).isEqualTo("13.25");
    assertThat(json.at("/days/1/day").asText()).isEqualTo("2026-11-29");
    assertThat(json.at("/dimensions/team/0/value").asText()).isEqualTo("search");
    assertThat(json.at("/dimensions/team/0/inputTokens").asLong()).isEqualTo(3_500);
    assertThat(json.at("/unpricedModels/0/model").asText()).isEqualTo("tomorrow-1");
    assertThat(json.at("/forecast/spent").asText()).isEqualTo("13.25");
    assertThat(json.at("/budgets/0/limit").asText()).isEqualTo("20");
  }

  @Test
  void builder_queryWithADimension_isSplitByWhatIsCrossed() {
    addSmallMonth();

    CostReport report =
        CostReport.builder(ledger, NOVEMBER.where("team", "search"))
            .by(UsageLedger.MODEL)
            .by("session.id")
            .build();

    assertThat(report.totals().totalCost()).isEqualTo(Cost.usd("12"));
    assertThat(costs(report, UsageLedger.MODEL))
        .isEqualTo(Map.of("large-1", Cost.usd("10"), "small-1", Cost.usd("2")));
    assertThat(report.toText())
        .startsWith("Cost 2026-11-01 to 2026-11-30 (UTC), team search\n")
        .doesNotContain("(none)")
        .endsWith("\nnot told: build the ledger with cross(team, session.id)\n");
    assertThat(report.dimensions()).doesNotContainKey("session.id");
  }

  @Test
  void builder_queryWithItsOwnDimension_isOneLine() {
    addSmallMonth();

    CostReport report =
        CostReport.builder(ledger, NOVEMBER.where("team", "search")).by("team").build();

    assertThat(costs(report, "team")).isEqualTo(Map.of("search", Cost.usd("12")));
    assertThat(report.toText()).doesNotContain("not told");
  }

  @Test
  void builder_queryThatIsNotCrossed_leavesOutWhatItCannotTell() throws Exception {
    UsageLedger plain = UsageLedger.inMemory();
    plain.add(at("2026-11-28").model("m").attributes(Attributes.of("team", "a")).build());

    CostReport report = CostReport.of(plain, NOVEMBER.where("team", "a"));

    assertThat(report.dimensions()).isEmpty();
    assertThat(report.toText())
        .contains("not told: build the ledger with cross(team, gen_ai.response.model)\n");
    assertThat(new ObjectMapper().readTree(report.toJson()).at("/notes/0").asText())
        .contains("cross(team, gen_ai.response.model)");
  }

  @Test
  void builder_crossWithoutRoom_isOtherAndNotNone() {
    UsageLedger small =
        InMemoryUsageLedger.builder().maximumValues(1).cross("team", UsageLedger.MODEL).build();
    small.add(team("a").model("m1").cost(Cost.usd("1")).build());
    small.add(team("a").model("m2").cost(Cost.usd("2")).build());

    CostReport report =
        CostReport.builder(small, NOVEMBER.where("team", "a")).by(UsageLedger.MODEL).build();

    assertThat(costs(report, UsageLedger.MODEL))
        .isEqualTo(Map.of("m1", Cost.usd("1"), UsageLedger.OVERFLOW, Cost.usd("2")));
  }

  @Test
  void builder_valuesThatContainTheCross_areNotMixedUp() {
    ledger.add(team("a").model("m").cost(Cost.usd("1")).build());
    ledger.add(team("a x b").model("m").cost(Cost.usd("2")).build());

    CostReport report =
        CostReport.builder(ledger, NOVEMBER.where("team", "a")).by(UsageLedger.MODEL).build();

    assertThat(costs(report, UsageLedger.MODEL)).isEqualTo(Map.of("m", Cost.usd("1")));
    assertThat(
            costs(
                CostReport.builder(ledger, NOVEMBER.where("team", "a x b"))
                    .by(UsageLedger.MODEL)
                    .build(),
                UsageLedger.MODEL))
        .isEqualTo(Map.of(UsageLedger.OVERFLOW, Cost.usd("2")));
  }

  @Test
  void lines_listsThatOverlap_leaveNoNegativeRest() {
    ledger.add(
        at("2026-11-28")
            .attributes(Attributes.of("labels", List.of("p", "q"), Attributes.TAGS, List.of("p")))
            .usage(Usage.of(1_000, 10))
            .cost(Cost.usd("2"))
            .build());
    ledger.add(at("2026-11-28").usage(Usage.of(10, 10)).cost(Cost.usd("1")).build());
    ledger.add(at("2026-11-28").usage(Usage.of(10, 10)).cost(Cost.usd("3")).build());

    CostReport report =
        CostReport.builder(ledger, NOVEMBER).by("labels").by(Attributes.TAGS).build();

    assertThat(report.dimensions().get("labels")).containsOnlyKeys("p", "q");
    assertThat(report.dimensions().get(Attributes.TAGS)).containsOnlyKeys("p");
  }

  @Test
  void cost_nothingHasAPrice_isUnknownEverywhere() throws Exception {
    ledger.add(at("2026-11-28").model("m").usage(Usage.of(5, 5)).build());
    ledger.add(at("2026-11-28").operation(UsageRecord.TASK).build());

    CostReport report = CostReport.builder(ledger, NOVEMBER).by(UsageLedger.MODEL).build();

    assertThat(report.totals().costPerSuccessfulTask()).isEmpty();
    assertThat(report.toText())
        .contains("cost        unknown (1 without a price)\n")
        .contains("tasks       1 of 1 succeeded, unknown each\n")
        .doesNotContain("(none)") // a task has no model
        .doesNotContain("$");
    assertThat(report.toCsv()).contains("\r\ntotal,,1,1,0,5,5,0,0,0,,,,0,0,0,0,1,1,\r\n");
    JsonNode json = new ObjectMapper().readTree(report.toJson());
    assertThat(json.at("/totals/cost").isNull()).isTrue();
    assertThat(json.at("/days/0/highestCost").isNull()).isTrue();
    assertThat(json.at("/totals").has("costPerSuccessfulTask")).isFalse();
  }

  @Test
  void cost_someWithoutAPrice_isAtLeast() {
    ledger.add(at("2026-11-28").model("m").cost(Cost.usd("2")).build());
    ledger.add(at("2026-11-28").model("m").build());

    assertThat(CostReport.of(ledger, NOVEMBER).toText())
        .contains("cost        at least $2.00 (1 without a price)\n")
        .contains("≥ $2.000000\n");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sections_randomRecords_addUpToTheTotals(long seed) {
    UsageLedger records =
        InMemoryUsageLedger.builder()
            .zone(ZoneId.of("Europe/Berlin"))
            .maximumValues(4)
            .cross("team", UsageLedger.MODEL)
            .build();
    new RandomRecords(seed, "r").next(500).forEach(records::add);
    UsageQuery month = UsageQuery.month(YearMonth.of(2028, 3));
    for (UsageQuery query : List.of(UsageQuery.all(), month, month.where("team", "team-1"))) {
      CostReport report =
          CostReport.builder(records, query)
              .by(UsageLedger.MODEL)
              .by(UsageLedger.PROVIDER)
              .by(UsageLedger.OPERATION)
              .by("team")
              .by("attempt")
              .top((int) seed)
              .build();

      assertThat(report.totals()).isEqualTo(records.totals(query));
      assertThat(sum(report.days().values().stream())).isEqualTo(report.totals());
      report
          .dimensions()
          .forEach(
              (dimension, lines) ->
                  assertThat(sum(lines.values().stream()))
                      .as(dimension)
                      .isEqualTo(report.totals()));
      Map<String, BigDecimal> csv = csvCosts(report.toCsv());
      assertThat(csv.getOrDefault("day", BigDecimal.ZERO)).isEqualByComparingTo(csv.get("total"));
      assertThat(csv.getOrDefault("by:team", BigDecimal.ZERO))
          .isEqualByComparingTo(csv.get("total"));
    }
  }

  @Test
  void top_restOfTheValues_isOneLineAfterTheDearest() {
    for (int i = 1; i <= 5; i++) {
      ledger.add(at("2026-11-28").model("m" + i).cost(Cost.usd("" + i)).build());
    }

    CostReport report = CostReport.builder(ledger, NOVEMBER).by(UsageLedger.MODEL).top(2).build();

    assertThat(report.dimensions().get(UsageLedger.MODEL).keySet())
        .containsExactly("m5", "m4", UsageLedger.OVERFLOW);
    assertThat(costs(report, UsageLedger.MODEL).get(UsageLedger.OVERFLOW)).isEqualTo(Cost.usd("6"));
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostReport.builder(ledger, NOVEMBER).top(0))
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostReport.builder(ledger, NOVEMBER).by(" "))
        .withMessageContaining("' '");
  }

  private void addSmallMonth() {
    ledger.add(
        at("2026-11-28")
            .model("small-1")
            .usage(Usage.of(1_000, 100))
            .attributes(Attributes.of("team", "ads"))
            .cost(Cost.usd("1.25"))
            .reportedCost(Cost.usd("1.25"))
            .calculatedCost(Cost.usd("1.20"))
            .build());
    ledger.add(
        at("2026-11-28")
            .model("small-1")
            .usage(Usage.of(1_100, 50))
            .attributes(Attributes.of("team", "search"))
            .cost(Cost.usd("2"))
            .lowestCost(Cost.usd("1"))
            .highestCost(Cost.usd("3"))
            .estimated(true)
            .build());
    ledger.add(
        at("2026-11-29")
            .model("large-1")
            .usage(
                Usage.builder().inputTokens(2_400).cacheReadTokens(1_000).outputTokens(300).build())
            .attributes(Attributes.of("team", "search"))
            .cost(Cost.usd("10"))
            .build());
    ledger.add(at("2026-11-29").model("tomorrow-1").usage(Usage.of(100, 0)).build());
    ledger.add(
        at("2026-11-29")
            .model("large-1")
            .attributes(Attributes.of("team", "search"))
            .cacheHit(true)
            .savedCost(Cost.usd("0.75"))
            .build());
    ledger.add(at("2026-11-28").operation(UsageRecord.TASK).build());
    ledger.add(at("2026-11-28").operation(UsageRecord.TASK).succeeded(false).build());
  }

  private CostReport report() {
    return CostReport.builder(ledger, NOVEMBER)
        .by("team")
        .forecast(TODAY)
        .budget("day", Cost.usd("10"), Cost.usd("20"))
        .build();
  }

  private static UsageRecord.Builder at(String day) {
    return UsageRecord.builder().timestamp(Instant.parse(day + "T12:00:00Z"));
  }

  private static UsageRecord.Builder team(String team) {
    return at("2026-11-28").attributes(Attributes.of("team", team));
  }

  private static CostStatistics sum(Stream<CostStatistics> parts) {
    return parts.reduce(CostStatistics.NONE, CostStatistics::plus);
  }

  private static Map<String, Cost> costs(CostReport report, String dimension) {
    Map<String, Cost> costs = new TreeMap<>();
    report
        .dimensions()
        .get(dimension)
        .forEach((value, total) -> costs.put(value, total.totalCost()));
    return costs;
  }

  private static Map<String, BigDecimal> csvCosts(String csv) {
    Map<String, BigDecimal> sums = new TreeMap<>();
    csv.lines()
        .skip(1)
        .map(line -> line.split(",", -1))
        .forEach(cells -> sums.merge(cells[0], new BigDecimal('0' + cells[10]), BigDecimal::add));
    return sums;
  }
}
