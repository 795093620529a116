package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of a usage for which a price list has no rate: they cost what their whole does. */
class UnlistedRateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input=100 cacheRead=40|1000|600|1000|cacheRead at the rate of input",
        "input=100 cacheWrite=40|1000|1000|1000|cacheWrite at the rate of input",
        "input=100 cacheWrite=40 cacheWrite1h=40|1000|1000|1000|cacheWrite1h at the rate of input",
        "input=100 inputAudio=40|1000|1000|1000|inputAudio at the rate of input",
        "input=100 cacheRead=9 inputAudio=9 cacheReadAudio=9|1000|910|1000|cacheReadAudio at the rate of input",
        "output=100 outputAudio=40|3000|3000|3000|outputAudio at the rate of output",
        "output=100 outputImage=40|3000|3000|3000|outputImage at the rate of output",
      })
  void quote_onlyTheWholeHasARate_isThatAndEstimated(
      String usage, BigDecimal cost, BigDecimal lowest, BigDecimal highest, String assumption) {
    PriceQuote quote = quote("\"input\": 10, \"output\": 30", usage);

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.PRICED);
    assertThat(quote.cost()).contains(micros(cost));
    assertThat(quote.lowest()).contains(micros(lowest));
    assertThat(quote.highest()).contains(micros(highest));
    assertThat(quote.assumptions()).containsExactly(assumption);
    assertThat(quote.estimated()).isTrue();
    assertThat(quote.reason()).contains(assumption);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"input\": 10, \"cacheRead\": 1|100|cacheReadAudio at the rate of cacheRead",
        "\"input\": 10, \"inputAudio\": 40|4000|cacheReadAudio at the rate of inputAudio",
        "\"input\": 10, \"cacheRead\": 1, \"inputAudio\": 40|4000|cacheReadAudio at the rate of inputAudio",
      })
  void quote_cachedAudio_hasTheRateOfAWholeThatIsListed(
      String rates, BigDecimal cost, String assumption) {
    PriceQuote quote = quote(rates, "input=100 cacheRead=100 inputAudio=100 cacheReadAudio=100");

    assertThat(quote.cost()).isEqualTo(quote.highest()).contains(micros(cost));
    assertThat(quote.lowest()).contains(Cost.ZERO);
    assertThat(quote.assumptions()).containsExactly(assumption);
  }

  @Test
  void quote_hourWithoutRate_hasThatOfTheOtherWrites() {
    PriceQuote quote =
        quote("\"input\": 10, \"cacheWrite\": 12", "input=100 cacheWrite=40 cacheWrite1h=30");

    assertThat(quote.cost()).isEqualTo(quote.lowest()).contains(micros(new BigDecimal(1080)));
    assertThat(quote.assumptions()).containsExactly("cacheWrite1h at the rate of cacheWrite");
  }

  @Test
  void quote_imagesAndReasoning_areNoAssumption() {
    PriceQuote quote =
        quote("\"input\": 10, \"output\": 30", "input=10 inputImage=9 output=8 reasoning=7");

    assertThat(quote.cost()).contains(micros(new BigDecimal(340)));
    assertThat(quote.assumptions()).isEmpty();
    assertThat(quote.estimated()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "input=10 cacheRead=4, input tokens",
    "output=4 outputAudio=4 input=3, input tokens",
    "web_searches=1, web_searches",
  })
  void quote_noRateOfTheWholeEither_isNotZero(String usage, String missing) {
    PriceQuote quote = quote("\"output\": 30", usage);

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.NO_RATE);
    assertThat(quote.cost()).isEmpty();
    assertThat(quote.reason()).contains("no rate for " + missing);
  }

  @Test
  void quote_unitWithoutRate_namesTheUnitsThatHaveOne() {
    PriceCatalog catalog =
        TestPrices.models(
            """
            {"id": "m", "prices": [{"rates": {"input": 1}, "units": {
              "web_searches_low": {"usd": 5, "per": 1000}, "requests": {"usd": 1, "per": 1000}}}]}
            """);

    assertThat(catalog.quote(query(TestPrices.usage("web_searches=2"))).reason())
        .endsWith("no rate for web_searches, only for the units [requests, web_searches_low]");
  }

  @Test
  void quote_gapsToo_leastIsWithoutTheCacheReads() {
    PriceQuery query =
        PriceQuery.builder()
            .provider("p")
            .model("m")
            .usage(TestPrices.usage("input=100 cacheRead=40"))
            .gaps(Set.of(UsageGap.MODALITIES))
            .build();

    PriceQuote quote = catalog("\"input\": 10, \"inputAudio\": 20").quote(query);

    assertThat(quote.cost()).contains(micros(new BigDecimal(1000)));
    assertThat(quote.lowest()).contains(micros(new BigDecimal(600)));
    assertThat(quote.highest()).contains(micros(new BigDecimal(2000)));
  }

  @Test
  void explain_assumption_hasALine() {
    PriceExplanation explanation =
        catalog("\"input\": 10").explain(query(TestPrices.usage("input=100 cacheRead=40")));

    assertThat(explanation.toString())
        .contains("\n  between      $0.0006 and $0.001\n")
        .contains("\n  assumed      cacheRead at the rate of input\n")
        .contains("\n  input        100 x 10 per 1000000 = $0.001");
  }

  /** As the units of genai-prices: each token is one of the most specific unit with a price. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void cost_randomRates_isThatOfTheMostSpecificPart(long seed) {
    Random random = new Random(seed);
    int assumed = 0;
    for (int i = 0; i < 2_000; i++) {
      Map<TokenKind, Integer> rates = rates(random);
      Usage usage = usage(random);

      PriceQuote quote = catalog(json(rates)).quote(query(usage));

      assertThat(quote.cost())
          .as("%s for %s", rates, usage)
          .contains(micros(leaves(rates, usage)))
          .hasValueSatisfying(
              cost ->
                  assertThat(cost)
                      .isBetween(quote.lowest().orElseThrow(), quote.highest().orElseThrow()));
      assertThat(quote.estimated()).isEqualTo(!quote.assumptions().isEmpty());
      assumed += quote.assumptions().isEmpty() ? 0 : 1;
    }
    assertThat(assumed).isBetween(500, 1_900);
  }

  /** What each unit says of its tokens; a unit with more of the same words is a part of it. */
  private static Set<String> words(TokenKind kind) {
    return switch (kind) {
      case INPUT -> Set.of("in");
      case CACHE_READ -> Set.of("in", "read");
      case CACHE_WRITE -> Set.of("in", "write");
      case CACHE_WRITE_1H -> Set.of("in", "write", "1h");
      case INPUT_AUDIO -> Set.of("in", "audio");
      case CACHE_READ_AUDIO -> Set.of("in", "read", "audio");
      case INPUT_IMAGE -> Set.of("in", "image");
      case OUTPUT -> Set.of("out");
      case REASONING -> Set.of("out", "reasoning");
      case OUTPUT_AUDIO -> Set.of("out", "audio");
      case OUTPUT_IMAGE -> Set.of("out", "image");
    };
  }

  private static long told(TokenKind kind, Usage usage) {
    return switch (kind) {
      case INPUT -> usage.inputTokens();
      case CACHE_READ -> usage.cacheReadTokens();
      case CACHE_WRITE -> usage.cacheWriteTokens();
      case CACHE_WRITE_1H -> usage.cacheWrite1hTokens();
      case INPUT_AUDIO -> usage.inputAudioTokens();
      case CACHE_READ_AUDIO -> usage.cacheReadAudioTokens();
      case INPUT_IMAGE -> usage.inputImageTokens();
      case OUTPUT -> usage.outputTokens();
      case REASONING -> usage.reasoningTokens();
      case OUTPUT_AUDIO -> usage.outputAudioTokens();
      case OUTPUT_IMAGE -> usage.outputImageTokens();
    };
  }

  private static BigDecimal leaves(Map<TokenKind, Integer> rates, Usage usage) {
    List<TokenKind> specificFirst = new ArrayList<>(rates.keySet());
    specificFirst.sort(Comparator.comparingInt((TokenKind kind) -> words(kind).size()).reversed());
    Map<TokenKind, Long> leaves = new EnumMap<>(TokenKind.class);
    long sum = 0;
    for (TokenKind unit : specificFirst) {
      long leaf = told(unit, usage);
      for (Map.Entry<TokenKind, Long> part : leaves.entrySet()) {
        leaf -= words(part.getKey()).containsAll(words(unit)) ? part.getValue() : 0;
      }
      leaves.put(unit, leaf);
      sum += leaf * rates.get(unit);
    }
    return BigDecimal.valueOf(sum);
  }

  /** With a rate for each whole, and one for cached audio where cached text and audio have one. */
  private static Map<TokenKind, Integer> rates(Random random) {
    Set<TokenKind> kinds = EnumSet.of(TokenKind.INPUT, TokenKind.OUTPUT);
    for (TokenKind kind : TokenKind.values()) {
      if (random.nextBoolean()) {
        kinds.add(kind);
      }
    }
    if (!kinds.contains(TokenKind.CACHE_WRITE)) {
      kinds.remove(TokenKind.CACHE_WRITE_1H);
    }
    boolean both = kinds.containsAll(Set.of(TokenKind.CACHE_READ, TokenKind.INPUT_AUDIO));
    kinds.remove(TokenKind.CACHE_READ_AUDIO);
    if (both) {
      kinds.add(TokenKind.CACHE_READ_AUDIO);
      kinds.remove(TokenKind.INPUT_IMAGE); // cached images are not told
    } else if (kinds.contains(TokenKind.INPUT_IMAGE)) {
      kinds.remove(TokenKind.CACHE_READ);
    }
    Map<TokenKind, Integer> rates = new EnumMap<>(TokenKind.class);
    kinds.forEach(kind -> rates.put(kind, random.nextInt(50)));
    return rates;
  }

  private static Usage usage(Random random) {
    int cachedAudio = random.nextInt(3);
    int cachedText = random.nextInt(3);
    int hour = random.nextInt(3);
    int written = hour + random.nextInt(3);
    int audio = random.nextInt(3);
    int image = random.nextInt(3);
    int parts = cachedAudio + cachedText + written + audio + image;
    int reasoning = random.nextInt(3);
    int spoken = random.nextInt(3);
    int drawn = random.nextInt(3);
    return Usage.builder()
        .inputTokens(parts + random.nextInt(5))
        .cacheReadTokens(cachedAudio + cachedText)
        .cacheWriteTokens(written)
        .cacheWrite1hTokens(hour)
        .inputAudioTokens(cachedAudio + audio)
        .cacheReadAudioTokens(cachedAudio)
        .inputImageTokens(image)
        .outputTokens(reasoning + spoken + drawn + random.nextInt(5))
        .reasoningTokens(reasoning)
        .outputAudioTokens(spoken)
        .outputImageTokens(drawn)
        .build();
  }

  private static String json(Map<TokenKind, Integer> rates) {
    List<String> fields = new ArrayList<>();
    rates.forEach((kind, rate) -> fields.add('"' + kind.rateName() + "\":" + rate));
    return String.join(",", fields);
  }

  private static PriceQuote quote(String rates, String usage) {
    return catalog(rates).quote(query(TestPrices.usage(usage)));
  }

  private static PriceCatalog catalog(String rates) {
    return TestPrices.models("{\"id\":\"m\",\"prices\":[{\"rates\":{" + rates + "}}]}");
  }

  private static PriceQuery query(Usage usage) {
    return PriceQuery.builder().provider("p").model("m").usage(usage).build();
  }

  private static Cost micros(BigDecimal micros) {
    return Cost.usd(micros.movePointLeft(6));
  }
}
