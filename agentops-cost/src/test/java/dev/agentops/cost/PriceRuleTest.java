package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Usage;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceRuleTest {

  private static final Instant AT = Instant.parse("2026-08-05T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    // New York puts its clocks forward on 2026-03-08 at 07:00Z and back on 2026-11-01 at 06:00Z
    "2026-03-08T06:59:59Z, 1", // 01:59:59
    "2026-03-08T07:00:00Z, 1", // 03:00:00: there is no hour from two to three
    "2026-03-09T06:00:00Z, 2", // 02:00:00
    "2026-03-09T06:59:59Z, 2",
    "2026-03-09T07:00:00Z, 1",
    "2026-11-01T05:30:00Z, 1", // 01:30, the first time
    "2026-11-01T06:30:00Z, 1", // 01:30, the second time
    "2026-11-01T07:00:00Z, 2", // 02:00
    "2026-11-01T08:00:00Z, 1",
  })
  void between_zoneWithSummerTime_isByTheClockOnTheWall(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"between": "02:00-03:00", "zone": "America/New_York", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-01T04:59:59Z, 1",
    "2026-11-01T05:00:00Z, 2", // 01:00, the first time
    "2026-11-01T06:59:59Z, 2", // 01:59:59, the second time
    "2026-11-01T07:00:00Z, 1",
  })
  void between_repeatedHour_countsTwice(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"between": "01:00-02:00", "zone": "America/New_York", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "18:00-24:00, 2026-08-05T17:59:59Z, 1",
    "18:00-24:00, 2026-08-05T18:00:00Z, 2",
    "18:00-24:00, 2026-08-05T23:59:59Z, 2",
    "18:00-24:00, 2026-08-06T00:00:00Z, 1",
    "00:00-24:00, 2026-08-06T00:00:00Z, 2",
    "00:00-24:00, 2026-08-06T23:59:59Z, 2",
  })
  void between_endOfTheDay_isMidnight(String hours, Instant at, String micros) {
    PriceCatalog catalog =
        rules("{\"rates\":{\"input\":1}}, {\"between\":\"" + hours + "\",\"rates\":{\"input\":2}}");

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-08-07T15:59:59Z, 1", // Friday 23:59:59 in Shanghai
    "2026-08-07T16:00:00Z, 2", // Saturday 00:00
    "2026-08-09T15:59:59Z, 2", // Sunday 23:59:59
    "2026-08-09T16:00:00Z, 1",
    "1969-12-27T12:00:00Z, 2", // before the epoch, a Saturday
  })
  void days_zone_areTheDaysThere(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"days": ["SAT", "SUN"], "zone": "Asia/Shanghai", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-08-07T21:59:59Z, 1", // a Friday
    "2026-08-07T22:00:00Z, 2",
    "2026-08-08T01:00:00Z, 1", // the night goes on, but the day is another
    "2026-08-07T05:59:59Z, 2",
    "2026-08-07T06:00:00Z, 1",
  })
  void days_hoursPastMidnight_areThoseOfTheMoment(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"days": ["FRI"], "between": "22:00-06:00", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-08-16T15:59:59Z, 1",
    "2026-08-16T16:00:00Z, 2", // midnight of the 17th in Shanghai
    "2026-08-31T15:59:59Z, 2",
    "2026-08-31T16:00:00Z, 1",
  })
  void fromUntil_dates_areMidnightsOfTheZone(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"from": "2026-08-17", "until": "2026-09-01", "zone": "Asia/Shanghai", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-02-28T23:59:59Z, 1",
    "2024-02-29T00:00:00Z, 2",
    "2024-02-29T23:59:59.999999999Z, 2",
    "2024-03-01T00:00:00Z, 1",
  })
  void fromUntil_leapDay_isADay(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"from": "2024-02-29", "until": "2024-03-01", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @Test
  void from_midnightThatDoesNotExist_isTheFirstMomentOfTheDay() {
    // Beirut puts its clocks forward at midnight: 2026-03-29 begins at 01:00, which is 22:00Z
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"from": "2026-03-29", "zone": "Asia/Beirut", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(Instant.parse("2026-03-28T21:59:59Z")))).isEqualTo("1");
    assertThat(price(catalog, at(Instant.parse("2026-03-28T22:00:00Z")))).isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource({"2026-08-30T15:59:59Z, 1", "2026-08-30T16:00:00Z, 2", "2026-08-30T16:00:01Z, 2"})
  void from_instantWithOffset_isThatMoment(Instant at, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"from": "2026-08-31T01:00:00+09:00", "rates": {"input": 2}}
            """);

    assertThat(price(catalog, at(at))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    ", 1",
    "'', 1",
    "standard, 1",
    "DEFAULT, 1",
    "auto, 1",
    "on_demand, 1",
    "ON_DEMAND, 1",
    "batch, 2",
    "Flex, 2",
    "priority, 3",
    "scale, unpriced",
  })
  void tier_words_areStandardUnlessSaid(String tier, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"tier": ["batch", "flex"], "rates": {"input": 2}},
            {"tier": "priority", "rates": {"input": 3}}
            """);

    assertThat(price(catalog, at(AT).serviceTier(tier))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({", 1", "standard, 1", "default, 1", "fast, 6", "FAST, 6", "turbo, unpriced"})
  void speed_words_areStandardUnlessSaid(String speed, String micros) {
    PriceCatalog catalog =
        rules("{\"rates\":{\"input\":1}}, {\"speed\":\"fast\",\"rates\":{\"input\":6}}");

    assertThat(price(catalog, at(AT).speed(speed))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({", 1", "global, 1", "us, 1.1", "EU, 1.1", "jp, 1"})
  void region_factor_holdsWhereItIsNamed(String region, String micros) {
    PriceCatalog catalog =
        rules("{\"rates\":{\"input\":1}}, {\"region\":[\"us\",\"eu\"],\"factor\":1.1}");

    assertThat(price(catalog, at(AT).region(region))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    ", , 1",
    "batch, , 0.5",
    "batch, eu, 0.55",
    ", eu, 1.1",
    "flex, eu, unpriced",
  })
  void factor_several_allMultiply(String tier, String region, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"tier": ["standard", "batch"], "rates": {"input": 1}},
            {"tier": "batch", "factor": 0.5},
            {"tier": "*", "region": "eu", "factor": 1.1}
            """);

    assertThat(price(catalog, at(AT).serviceTier(tier).region(region))).isEqualTo(micros);
  }

  @Test
  void factor_units_areNotMultiplied() {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}, "units": {"pages": {"usd": 1, "per": 1000}}},
            {"factor": 2}
            """);

    PriceQuery query = query().usage(TestPrices.usage("input=1000 pages=1")).build();

    assertThat(catalog.cost(query).orElseThrow().usd()).isEqualByComparingTo("0.003");
  }

  @ParameterizedTest
  @CsvSource({"200000, 200000", "200001, 400002"})
  void inputAbove_wholeRequest_hasTheRatesOfItsSize(long tokens, String micros) {
    PriceCatalog catalog =
        rules("{\"rates\":{\"input\":1}}, {\"inputAbove\":200000,\"rates\":{\"input\":2}}");

    assertThat(price(catalog, query().usage(Usage.of(tokens, 0)))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 0, 100",
    "101, 0, 102", // one token beyond 100
    "300, 0, 500",
    "301, 0, 503", // one token beyond 300
    "100, 100, 1100",
    "10, 101, 1030", // output by its own count
  })
  void marginal_bands_eachKindHasItsOwnCount(long input, long output, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1, "output": 10}},
            {"inputAbove": 100, "marginal": true, "rates": {"input": 2, "output": 20}},
            {"inputAbove": 300, "marginal": true, "rates": {"input": 3, "output": 30}}
            """);

    assertThat(price(catalog, query().usage(Usage.of(input, output)))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({
    "input=2 cacheRead=2, 2.1", // the second at the band's rate of input
    "input=3 cacheRead=2, 3.1",
    "input=3 cacheRead=1, 3.1",
  })
  void marginal_bandWithoutARateForAKind_hasItsWholes(String usage, String micros) {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1, "cacheRead": 0.1}},
            {"inputAbove": 1, "marginal": true, "rates": {"input": 2}}
            """);

    assertThat(price(catalog, query().usage(TestPrices.usage(usage)))).isEqualTo(micros);
  }

  @Test
  void marginal_kindWithoutAnyRate_countsWithItsWhole() {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"inputAbove": 1, "marginal": true, "rates": {"input": 2}}
            """);

    assertThat(price(catalog, query().usage(TestPrices.usage("input=4 cacheRead=2"))))
        .isEqualTo("7");
  }

  @Test
  void requests_unit_isChargedForEachCall() {
    PriceCatalog catalog =
        rules("{\"rates\":{\"input\":1},\"units\":{\"requests\":{\"usd\":5,\"per\":1000}}}");

    assertThat(price(catalog, query().usage(Usage.of(1, 0)))).isEqualTo("5001");
    assertThat(price(catalog, query().usage(TestPrices.usage("input=1 requests=3"))))
        .isEqualTo("15001");
  }

  @ParameterizedTest
  @CsvSource({"3, 1000", "10, 1000", "10.5, 1050"})
  void unit_minimum_isChargedAtLeast(String seconds, String micros) {
    PriceCatalog catalog =
        rules("{\"units\":{\"audio_seconds\":{\"usd\":0.36,\"per\":3600,\"minimum\":10}}}");

    assertThat(price(catalog, query().usage(TestPrices.usage("audio_seconds=" + seconds))))
        .isEqualTo(micros);
  }

  @Test
  void quote_rules_areNamed() {
    PriceCatalog catalog =
        rules(
            """
            {"rates": {"input": 1}},
            {"inputAbove": 10, "marginal": true, "rates": {"input": 2}},
            {"region": "eu", "factor": 3},
            {"tier": "batch", "rates": {"input": 4}}
            """);

    assertThat(rule(catalog, query())).isEqualTo("p/m#2+1");
    assertThat(rule(catalog, query().region("eu"))).isEqualTo("p/m#2+1*3");
    assertThat(rule(catalog, query().serviceTier("batch"))).isEqualTo("p/m#4");
  }

  @Test
  void quote_noRule_saysForWhat() {
    PriceCatalog catalog = rules("{\"until\":\"2026-08-01\",\"rates\":{\"input\":1}}");

    PriceQuote quote = catalog.quote(at(AT).serviceTier("batch").region("eu").build());

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.NO_RULE);
    assertThat(quote.reason())
        .contains("p/m", "2026-08-05T12:00:00Z", "tier 'batch'", "region 'eu'");
    assertThat(quote.cost()).isEmpty();
    assertThat(quote.rule()).isNull();
  }

  private static PriceCatalog rules(String rules) {
    return TestPrices.models("{\"id\":\"m\",\"prices\":[" + rules + "]}");
  }

  private static String rule(PriceCatalog catalog, PriceQuery.Builder query) {
    return catalog.quote(query.build()).rule();
  }

  /** One token of input. */
  private static PriceQuery.Builder at(Instant at) {
    return query().at(at);
  }

  private static PriceQuery.Builder query() {
    return PriceQuery.builder().provider("p").model("m").at(AT).usage(Usage.of(1, 0));
  }

  /** The price in millionths of a dollar. */
  private static String price(PriceCatalog catalog, PriceQuery.Builder query) {
    return catalog
        .cost(query.build())
        .map(cost -> cost.usd().movePointRight(6).stripTrailingZeros().toPlainString())
        .orElse("unpriced");
  }
}
