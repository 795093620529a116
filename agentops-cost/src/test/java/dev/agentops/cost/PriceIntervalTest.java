package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceIntervalTest {

  private static final String RATES =
      """
      "input": 10, "cacheRead": 1, "cacheWrite": 12, "cacheWrite1h": 20, "inputAudio": 40, "inputImage": 6,
      "cacheReadAudio": 4, "output": 30, "reasoning": 35, "outputAudio": 80, "outputImage": 50
      """;

  @ParameterizedTest
  @CsvSource({
    "input=100 output=10, CACHE_READS, 400, 1300",
    "input=100 output=10, CACHE_WRITES, 1300, 2300",
    "input=100 output=10, CACHE_READS CACHE_WRITES, 400, 2300",
    "input=100 output=10, MODALITIES, 900, 4800",
    "input=100 output=10, CACHE_READS MODALITIES, 400, 4800",
    // what is told stays: 40 read, of the other 60 none or all
    "input=100 cacheRead=40, CACHE_WRITES, 640, 1240",
    // 40 written for one time to live or the other
    "input=100 cacheWrite=40, CACHE_WRITES, 1080, 2000",
    "input=100 cacheWrite=40 cacheWrite1h=10, CACHE_WRITES, 1160, 2000",
    "input=100 cacheWrite=40, CACHE_WRITE_LIFETIMES, 1080, 1400",
    "input=100 cacheWrite=40 cacheWrite1h=10, CACHE_WRITE_LIFETIMES, 1160, 1400",
    "input=100 inputAudio=50, CACHE_READS, 250, 2500",
    "input=100 inputImage=50, CACHE_READS, 100, 800",
    "input=100 output=10, INPUT, 1300, 1300",
    "input=100 output=10, OUTPUT, 1300, 1300",
    "input=100 output=10 reasoning=4, MODALITIES, 920, 4620",
  })
  void quote_gaps_givesTheLeastAndTheMost(
      String usage, String gaps, BigDecimal lowest, BigDecimal highest) {
    PriceQuote quote = catalog(RATES).quote(query(TestPrices.usage(usage), gaps(gaps)).build());

    assertThat(quote.lowest()).contains(micros(lowest));
    assertThat(quote.highest()).contains(micros(highest));
    assertThat(quote.estimated()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, 1300", "5, 1300", "10, 1300", "11, 1335", "20, 1650"})
  void quote_maximumOutput_boundsWhatWasNotDelivered(long maximum, BigDecimal highest) {
    PriceQuery query =
        query(Usage.of(100, 10), Set.of(UsageGap.OUTPUT)).maximumOutputTokens(maximum).build();

    PriceQuote quote = catalog(RATES).quote(query);

    assertThat(quote.lowest()).isEqualTo(quote.cost()).contains(micros(new BigDecimal(1300)));
    assertThat(quote.highest()).contains(micros(highest));
    assertThat(quote.estimated()).isTrue();
  }

  @Test
  void quote_kindsWithoutRates_areNoneTheModelHas() {
    PriceQuery query = query(Usage.of(100, 10), EnumSet.allOf(UsageGap.class)).build();

    PriceQuote quote = catalog("\"input\": 10, \"output\": 30, \"cacheRead\": 1").quote(query);

    assertThat(quote.lowest()).contains(micros(new BigDecimal(400)));
    assertThat(quote.highest()).contains(micros(new BigDecimal(1300)));
  }

  @Test
  void quote_maximumOutputWithoutRate_hasNoMost() {
    PriceQuery query =
        query(Usage.of(100, 0), Set.of(UsageGap.OUTPUT)).maximumOutputTokens(5).build();

    PriceQuote quote = catalog("\"input\": 10").quote(query);

    assertThat(quote.lowest()).isEqualTo(quote.cost()).contains(micros(new BigDecimal(1000)));
    assertThat(quote.highest()).isEmpty();
    assertThat(quote.estimated()).isTrue();
  }

  @Test
  void quote_noGaps_isExact() {
    PriceQuote quote = catalog(RATES).quote(query(Usage.of(100, 10), Set.of()).build());

    assertThat(quote.lowest()).isEqualTo(quote.cost()).isEqualTo(quote.highest()).isPresent();
    assertThat(quote.estimated()).isFalse();
  }

  @Test
  void quote_gapThatChangesNothing_isExact() {
    PriceQuery query = query(Usage.of(0, 10), Set.of(UsageGap.CACHE_READS)).build();

    assertThat(catalog(RATES).quote(query).estimated()).isFalse();
  }

  @Test
  void quote_risingBands_leastIsBetweenTheKinds() {
    PriceCatalog catalog =
        TestPrices.models(
            """
            {"id": "m", "prices": [
              {"rates": {"input": 10, "cacheRead": 9}},
              {"inputAbove": 60, "marginal": true, "rates": {"input": 20, "cacheRead": 20}}]}
            """);

    PriceQuote quote = catalog.quote(query(Usage.of(100, 0), Set.of(UsageGap.CACHE_READS)).build());

    assertThat(quote.lowest()).contains(micros(new BigDecimal(60 * 9 + 40 * 10)));
    assertThat(quote.highest()).contains(micros(new BigDecimal(60 * 10 + 40 * 20)));
  }

  @Test
  void maximumOutputTokens_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceQuery.builder().maximumOutputTokens(-1))
        .withMessageContaining("-1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void quote_randomUsage_isThatOfAllSplits(long seed) {
    Random random = new Random(seed);
    int wide = 0;
    for (int i = 0; i < 60; i++) {
      PriceCatalog catalog = TestPrices.models(model(random));
      Set<UsageGap> gaps = gaps(random);
      Usage usage = usage(random, gaps);
      long maximum = gaps.contains(UsageGap.OUTPUT) ? random.nextInt(6) : 0;
      PriceQuery query = query(usage, gaps).maximumOutputTokens(maximum).build();
      List<Cost> all = new ArrayList<>();
      for (Usage split : splits(usage, gaps, maximum)) {
        catalog.cost(query(split, Set.of()).build()).ifPresent(all::add);
      }
      PriceQuote quote = catalog.quote(query);

      assertThat(quote.lowest())
          .as("least of %s", query)
          .isEqualTo(all.stream().min(Comparator.naturalOrder()));
      assertThat(quote.highest())
          .as("most of %s", query)
          .isEqualTo(all.stream().max(Comparator.naturalOrder()));
      wide += quote.lowest().equals(quote.highest()) ? 0 : 1;
    }
    assertThat(wide).isGreaterThan(20);
  }

  /** Every usage that is possible, given what is told. */
  private static List<Usage> splits(Usage told, Set<UsageGap> gaps, long maximum) {
    long input = told.inputTokens();
    boolean modalities = gaps.contains(UsageGap.MODALITIES);
    long audioTo = modalities ? input : told.inputAudioTokens();
    long readTo = gaps.contains(UsageGap.CACHE_READS) ? input : told.cacheReadTokens();
    long writeTo = gaps.contains(UsageGap.CACHE_WRITES) ? input : told.cacheWriteTokens();
    List<Usage> splits = new ArrayList<>();
    for (long read = told.cacheReadTokens(); read <= readTo; read++) {
      for (long write = told.cacheWriteTokens(); write <= writeTo; write++) {
        boolean splitWrites =
            gaps.contains(UsageGap.CACHE_WRITES) || gaps.contains(UsageGap.CACHE_WRITE_LIFETIMES);
        long hourTo = splitWrites ? write : told.cacheWrite1hTokens();
        for (long hour = told.cacheWrite1hTokens(); hour <= hourTo; hour++) {
          for (long audio = told.inputAudioTokens(); audio <= audioTo; audio++) {
            boolean splitAudio = modalities || gaps.contains(UsageGap.CACHE_READS);
            long cachedAudioTo = splitAudio ? audio : told.cacheReadAudioTokens();
            for (long cached = told.cacheReadAudioTokens(); cached <= cachedAudioTo; cached++) {
              addOutputs(
                  splits,
                  Usage.builder()
                      .inputTokens(input)
                      .cacheReadTokens(read)
                      .cacheWriteTokens(write)
                      .cacheWrite1hTokens(hour)
                      .inputAudioTokens(audio)
                      .cacheReadAudioTokens(cached),
                  told,
                  modalities,
                  maximum);
            }
          }
        }
      }
    }
    return splits;
  }

  private static void addOutputs(
      List<Usage> splits, Usage.Builder split, Usage told, boolean modalities, long maximum) {
    for (long output = told.outputTokens();
        output <= Math.max(maximum, told.outputTokens());
        output++) {
      long more = output - told.outputTokens();
      for (long reasoning = told.reasoningTokens();
          reasoning <= told.reasoningTokens() + more;
          reasoning++) {
        for (long audio = told.outputAudioTokens();
            audio <= (modalities ? output - reasoning : told.outputAudioTokens());
            audio++) {
          try {
            splits.add(
                split
                    .outputTokens(output)
                    .reasoningTokens(reasoning)
                    .outputAudioTokens(audio)
                    .build());
          } catch (IllegalArgumentException e) {
            // parts that exceed their whole are no split
          }
        }
      }
    }
  }

  private static String model(Random random) {
    StringBuilder rules = new StringBuilder(rule(random, ""));
    int bands = Math.max(0, random.nextInt(4) - 1);
    for (int i = 1; i <= bands; i++) {
      rules.append(',').append(rule(random, "\"marginal\":true,\"inputAbove\":" + 3 * i + ","));
    }
    return "{\"id\":\"m\",\"prices\":[" + rules + ",{\"factor\":1.5}]}";
  }

  private static String rule(Random random, String conditions) {
    List<String> rates = new ArrayList<>();
    for (TokenKind kind : TokenKind.values()) {
      if (!kind.rateName().endsWith("Image")) {
        rates.add('"' + kind.rateName() + "\":" + random.nextInt(20));
      }
    }
    return "{" + conditions + "\"rates\":{" + String.join(",", rates) + "}}";
  }

  private static Set<UsageGap> gaps(Random random) {
    Set<UsageGap> gaps = EnumSet.noneOf(UsageGap.class);
    for (UsageGap gap : UsageGap.values()) {
      if (random.nextBoolean()) {
        gaps.add(gap);
      }
    }
    return gaps;
  }

  private static Usage usage(Random random, Set<UsageGap> gaps) {
    int input = random.nextInt(7);
    Usage.Builder usage = Usage.builder().inputTokens(input);
    if (!gaps.contains(UsageGap.CACHE_READS)) {
      usage.cacheReadTokens(random.nextInt(input / 3 + 1));
    }
    if (!gaps.contains(UsageGap.CACHE_WRITES)) {
      usage.cacheWriteTokens(random.nextInt(input / 3 + 1));
    }
    if (!gaps.contains(UsageGap.MODALITIES)) {
      usage.inputAudioTokens(random.nextInt(input / 3 + 1));
    }
    int output = random.nextInt(3);
    return usage.outputTokens(output).reasoningTokens(random.nextInt(output + 1)).build();
  }

  private static Set<UsageGap> gaps(String names) {
    Set<UsageGap> gaps = EnumSet.noneOf(UsageGap.class);
    for (String name : names.split(" ", -1)) {
      gaps.add(UsageGap.valueOf(name));
    }
    return gaps;
  }

  private static PriceCatalog catalog(String rates) {
    return TestPrices.models("{\"id\":\"m\",\"prices\":[{\"rates\":{" + rates + "}}]}");
  }

  private static PriceQuery.Builder query(Usage usage, Set<UsageGap> gaps) {
    return PriceQuery.builder().provider("p").model("m").usage(usage).gaps(gaps);
  }

  private static Cost micros(BigDecimal micros) {
    return Cost.usd(micros.movePointLeft(6));
  }
}
