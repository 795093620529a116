package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Usage;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelLookupTest {

  private static final String PRICES = "\"prices\":[{\"rates\":{\"input\":1,\"output\":1}}]}";
  private static final PriceCatalog CATALOG =
      TestPrices.providers(
          """
          {"id": "acme", "names": ["acme.ai", "*acme*"], "claims": ["a-*"], "models": [
            {"id": "a-1", "aliases": ["a-one", "A/First"], "match": ["a-1-turbo*"], %1$s,
            {"id": "a-2", %1$s,
            {"id": "a-2-2026-01-31", %1$s,
            {"id": "ft:a-1", %1$s,
            {"id": "ft:a-2-2026-01-31", %1$s]},
          {"id": "rock", "names": ["*bedrock*"], "models": [
            {"id": "acme.a-1-v1:0", %1$s,
            {"id": "regional.acme.a-1-v1:0", "match": ["eu.acme.a-1-v1:0"], %1$s,
            {"id": "acme.a-2", %1$s]},
          {"id": "host", "fallbacks": ["acme", "rock"], "models": [{"id": "own", %1$s]}
          """
              .formatted(PRICES));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "acme|a-1|acme/a-1|its id",
        "acme|` A-1 `|acme/a-1|its id",
        "acme|a-one|acme/a-1|an alias",
        "acme|a/first|acme/a-1|an alias",
        "acme|a-1-turbo-16k|acme/a-1|pattern 'a-1-turbo*'",
        "acme|a-2-2026-01-31|acme/a-2-2026-01-31|its id",
        "acme|a-2-2026-02-28|acme/a-2|date removed, its id",
        "acme|a-2@20260228|acme/a-2|date removed, its id",
        "acme|a-2@001|acme/a-2|version removed, its id",
        "acme|a-2@default|acme/a-2|version removed, its id",
        "acme|a-2-latest|acme/a-2|'-latest' removed, its id",
        "acme|ft:a-1:org::id7|acme/ft:a-1|base of a fine-tuned model, its id",
        "acme|ft:a-1-2026-01-31:org:name:id7|acme/ft:a-1|base of a fine-tuned model, date removed, its id",
        "acme|ft:a-2-2026-01-31:org::id7|acme/ft:a-2-2026-01-31|base of a fine-tuned model, its id",
        "acme|ft:a-2:org::id7||", // a fine-tuned model is not its base
        "acme|models/a-2|acme/a-2|without its path, its id",
        "acme|projects/x/locations/y/publishers/acme/models/a-2@001|acme/a-2|without its path, version removed, its id",
        "acme|acme/a-2|acme/a-2|vendor prefix removed, its id",
        "acme|rock/a-2||",
        "acme|a-3||",
        "acme|a-20||",
        "aws.bedrock|acme.a-1-v1:0|rock/acme.a-1-v1:0|its id",
        "aws.bedrock|global.acme.a-1-v1:0|rock/acme.a-1-v1:0|region profile removed, its id",
        "aws.bedrock|eu.acme.a-1-v1:0|rock/regional.acme.a-1-v1:0|an alias",
        "aws.bedrock|apac.acme.a-1-v1:0|rock/regional.acme.a-1-v1:0|the regional price",
        "aws.bedrock|us.acme.a-2-v1:0|rock/acme.a-2|version removed, region profile removed, its id",
        "aws.bedrock|acme.a-2-20260131-v1:0|rock/acme.a-2|version removed, date removed, its id",
        "aws.bedrock|regional.acme.a-1-v1:0||",
        "aws.bedrock|arn:aws:bedrock:us-east-1::foundation-model/acme.a-1-v1:0|rock/acme.a-1-v1:0|without its path, its id",
        "host|own|host/own|its id",
        "host|a-2-2026-02-28|acme/a-2|listed by fallback provider acme, date removed, its id",
        "host|acme.a-2|rock/acme.a-2|listed by fallback provider rock, its id",
        "nobody|a-1||",
      })
  void explain_names_tellsHowTheModelWasFound(
      String provider, String model, String entry, String how) {
    PriceExplanation explanation = explain(provider, model);

    assertThat(explanation.entry().orElse(null)).isEqualTo(entry);
    assertThat(explanation.modelMatch().orElse(null)).isEqualTo(how);
  }

  @ParameterizedTest
  @CsvSource({
    "acme, a-1, named 'acme'",
    "My-ACME-gateway, a-1, named 'My-ACME-gateway'",
    ", a-1, 'not named, but such models are its own'",
    "unknown, a-1, 'not named, but such models are its own'",
    "'', rock/acme.a-2, 'not named, but the model''s prefix'",
  })
  void explain_providers_tellsHowTheProviderWasFound(String provider, String model, String how) {
    assertThat(explain(provider, model).providerMatch()).contains(how);
  }

  @ParameterizedTest
  @CsvSource({", , 2, acme/m#1*3", "standard, eu, 2, acme/m#1*3", "batch, , , ", ", fast, , "})
  void quote_fallbackProvider_hasOnlyTheStandardPrices(
      String tier, String regionOrSpeed, String usd, String rule) {
    PriceCatalog catalog =
        TestPrices.providers(
            """
            {"id": "acme", "models": [{"id": "m", "prices": [
              {"tier": ["standard", "batch"], "rates": {"input": 1}},
              {"region": "eu", "rates": {"input": 7}},
              {"factor": 2},
              {"speed": "fast", "rates": {"input": 6}}]}]},
            {"id": "host", "fallbacks": ["acme"], "models": []}
            """);
    PriceQuery query =
        PriceQuery.builder()
            .provider("host")
            .model("m")
            .usage(Usage.of(1_000_000, 0))
            .serviceTier(tier)
            .region(regionOrSpeed)
            .speed(regionOrSpeed != null && regionOrSpeed.equals("fast") ? regionOrSpeed : null)
            .build();

    PriceQuote quote = catalog.quote(query);

    assertThat(quote.cost().map(cost -> cost.usd().toPlainString()).orElse(null)).isEqualTo(usd);
    assertThat(quote.rule()).isEqualTo(rule);
  }

  @Test
  void quote_unknownModel_suggestsTheNearest() {
    PriceQuote quote = explain("acme", "a-on").quote();

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.UNKNOWN_MODEL);
    assertThat(quote.suggestions()).startsWith("a-one").hasSizeLessThanOrEqualTo(3);
    assertThat(quote.reason()).contains("a-on", "acme", CATALOG.version());
    assertThat(quote.cost()).isEmpty();
    assertThat(quote.lowest()).isEmpty();
  }

  @Test
  void get_moreNamesThanAreRemembered_staysBounded() {
    LookupCache cache = new LookupCache(new PriceBook(List.of()));

    for (int i = 0; i < 3 * LookupCache.MAXIMUM; i++) {
      assertThat(cache.get("acme", "m" + i).match()).isNull();
      assertThat(cache.size()).isLessThanOrEqualTo(LookupCache.MAXIMUM);
    }
    cache.get("acme", "again");
    int size = cache.size();
    cache.get("acme", "x".repeat(1_000_000));

    assertThat(cache.size()).isEqualTo(size);
    assertThat(cache.get("acme", "again")).isSameAs(cache.get("acme", "again"));
  }

  @Test
  void get_nameThatIsAskedAgain_outlivesAFloodOfOthers() {
    LookupCache cache = new LookupCache(new PriceBook(List.of()));
    ModelLookup known = cache.get("acme", "again");

    for (int i = 0; i < 3 * LookupCache.MAXIMUM; i++) {
      cache.get("acme", "m" + i);
      assertThat(cache.get("acme", "again")).isSameAs(known);
    }
  }

  @Test
  void quote_unknownModel_looksForTheNearestWhenTheyAreRead() {
    AtomicInteger looked = new AtomicInteger();
    PriceLayer layer =
        new PriceLayer() {
          @Override
          public @Nullable ModelMatch find(@Nullable String provider, String model) {
            return null;
          }

          @Override
          public @Nullable String providerId(@Nullable String provider, String model) {
            return null;
          }

          @Override
          public Stream<String> names(@Nullable String provider, String model) {
            looked.incrementAndGet();
            return Stream.of("a-1");
          }
        };
    PriceCatalog catalog = new PriceCatalog("v", layer);
    PriceQuery query = PriceQuery.builder().model("a-2").usage(Usage.of(1, 1)).build();

    assertThat(catalog.find("tools", "a-2")).isNull();
    assertThat(catalog.cost(query)).isEmpty();
    PriceQuote quote = catalog.quote(query);
    assertThat(looked).hasValue(0);

    assertThat(quote.suggestions()).containsExactly("a-1");
    assertThat(catalog.quote(query).suggestions()).containsExactly("a-1");
    assertThat(looked).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "rock, a-1, true", // acme claims such models, and has this one
    "rock, a-99, false",
    "acme, a-99, false",
    "host, a-99, false",
    "'', a-99, false",
    "nobody, a-1, true"
  })
  void quote_modelOfAnotherProvider_suggestsThatProvider(
      String provider, String model, boolean suggested) {
    PriceQuote quote = explain(provider, model).quote();

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.UNKNOWN_MODEL);
    assertThat(quote.reason().contains("provider 'acme' lists it")).isEqualTo(suggested);
  }

  @ParameterizedTest
  @CsvSource({
    "acme, flex, [batch; standard]",
    "acme, fast-lane, [batch; standard]",
    "acme, priority, [batch; standard]",
    "host, batch, [standard]"
  })
  void quote_tierWithoutAPrice_namesThoseThatHaveOne(String provider, String tier, String tiers) {
    PriceCatalog catalog =
        TestPrices.providers(
            """
            {"id": "acme", "models": [{"id": "m", "prices": [
              {"rates": {"input": 1}}, {"tier": "batch", "rates": {"input": 0.5}},
              {"tier": "priority", "factor": 2}]}]},
            {"id": "host", "fallbacks": ["acme"], "models": []}
            """);

    PriceQuote quote =
        catalog.quote(
            PriceQuery.builder()
                .provider(provider)
                .model("m")
                .usage(Usage.of(1, 0))
                .serviceTier(tier)
                .build());

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.NO_RULE);
    assertThat(quote.reason()).endsWith("tiers that have a price: " + tiers.replace(';', ','));
  }

  @Test
  void find_manyThreadsAndNames_isRight() {
    assertThat(
            IntStream.range(0, 4 * LookupCache.MAXIMUM)
                .parallel()
                .filter(i -> i % 3 == 0 ? isPriced("a-1-turbo-" + i / 2) : !isPriced("b-" + i / 2))
                .count())
        .isEqualTo(4 * LookupCache.MAXIMUM);
  }

  private static boolean isPriced(String model) {
    ModelPrice price = CATALOG.find("acme", model);
    assertThat(price == null || price.id().equals("a-1")).isTrue();
    return price != null;
  }

  private static PriceExplanation explain(String provider, String model) {
    return CATALOG.explain(
        PriceQuery.builder().provider(provider).model(model).usage(Usage.of(1, 1)).build());
  }
}
