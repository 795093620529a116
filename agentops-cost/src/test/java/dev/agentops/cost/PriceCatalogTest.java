package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class PriceCatalogTest {

  private static final Instant AT = Instant.parse("2026-08-05T12:00:00Z");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvFileSource(resources = "price-cases.csv", useHeadersInDisplayName = true)
  void cost_ownCases_isExactOrUnpriced(
      String provider, String model, Instant at, String tier, String usage, String usd) {
    PriceQuery query =
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .at(at)
            .serviceTier(tier)
            .usage(TestPrices.usage(usage))
            .build();

    String cost =
        TestPrices.catalog().cost(query).map(c -> c.usd().toPlainString()).orElse("unpriced");

    assertThat(cost).isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    ", gpt-4, 1000, 500, 0.06",
    "openai, gpt-4, 1000, 500, 0.06",
    "openai, gpt-4o-2024-08-06, 1000, 0, 0.0025",
    "openai, gpt-4o-2099-01-01, 1000, 0, 0.0025",
    "openai, gpt-4o-2024-05-13, 1000, 0, 0.005",
    "azure.ai.openai, gpt-4o, 1000, 0, 0.0025",
    "anthropic, claude-opus-4-1-20250805, 1000, 0, 0.015",
    ", claude-haiku-4-5, 1000, 0, 0.001",
    "gcp.gemini, gemini-2.5-flash, 1000, 100, 0.00055",
    "aws.bedrock, amazon.nova-lite-v1:0, 1000, 0, 0.00006",
    "mistral_ai, mistral-embed, 1000, 0, 0.0001",
    "togetherai, Gryphe/MythoMax-L2-13b, 1000, 0, 0.0003",
    "z_ai, glm-5.2, 1000, 0, 0.0014",
    "fireworks_ai, accounts/fireworks/models/deepseek-v3-0324, 1000, 0, 0.0009",
    "open_ai, gpt-4o-2024-08-06, 1000, 0, 0.0025",
    ", text-embedding-3-small, 1000, 0, 0.00002",
  })
  void bundled_knownModels_arePriced(String provider, String model, long in, long out, String usd) {
    PriceQuery query =
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .usage(Usage.of(in, out))
            .at(AT)
            .build();

    assertThat(PriceCatalog.bundled().cost(query)).contains(Cost.usd(usd));
  }

  @ParameterizedTest
  @CsvSource({"openai, gpt-9000", "ollama, gpt-4", ", no-such-model-9", "deepseek, deepseek-chat"})
  void bundled_unknownOrOutdatedModels_areUnpriced(String provider, String model) {
    PriceQuery query =
        PriceQuery.builder().provider(provider).model(model).usage(Usage.of(1, 1)).at(AT).build();

    assertThat(PriceCatalog.bundled().cost(query)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "sample-dated, 2026-08-01T02:00:00Z, 0.000003",
    "sample-dated-1234, 2026-08-17T00:59:59Z, 0.000007",
    "sample-dated, 2026-08-17T01:00:00Z, 0.000014",
    "sample-tiered-x, 2026-08-17T01:00:00Z, 0.0000035",
    "sample-tiered-tts, 2026-08-17T01:00:00Z, unpriced",
    "sample-video, 2026-08-17T01:00:00Z, unpriced",
    "sample-free, 2026-08-17T01:00:00Z, unpriced",
  })
  void load_genAiPrices_readsWhatItCanExpress(String model, Instant at, String usd)
      throws IOException {
    PriceCatalog catalog = PriceCatalog.load(TestPrices.resource("genai-sample.json"));
    PriceQuery query =
        PriceQuery.builder().provider("x_ai").model(model).usage(Usage.of(1, 1)).at(at).build();

    String cost = catalog.cost(query).map(c -> c.usd().toPlainString()).orElse("unpriced");

    assertThat(cost).isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"and\":[{}]}|{\"input_mtok\":1}|not known: {}",
        "{\"equals\":\"m\"}|{\"input_mtok\":{\"base\":1,\"tiers\":[{\"start\":\"abc\",\"price\":2}]}}|bad start of a tier",
        "{\"equals\":\"m\"}|{\"input_mtok\":{\"base\":1,\"tiers\":[{\"start\":9,\"price\":2},{\"start\":5,\"price\":3}]}}|bad start of a tier",
        "{\"equals\":\"m\"}|{\"input_mtok\":{\"base\":1,\"tiers\":\"none\"}}|bad tiers",
        "{\"equals\":\"m\"}|[{\"constrant\":{},\"prices\":{\"input_mtok\":1}}]|bad field 'constrant'",
      })
  void load_badGenAiPrices_namesFileAndModel(String match, String prices, String message)
      throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("bad.json"),
            "[{\"id\":\"p\",\"pricing_urls\":[],\"models\":[{\"id\":\"m\",\"match\":"
                + match
                + ",\"prices\":"
                + prices
                + "}]}]");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.load(file))
        .withMessageContaining("bad.json")
        .withMessageContaining("provider p: model m: ")
        .withMessageContaining(message);
  }

  @Test
  void build_queryWithoutModel_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceQuery.builder().usage(Usage.of(1, 1)).build())
        .withMessageContaining("model null");
  }
}
