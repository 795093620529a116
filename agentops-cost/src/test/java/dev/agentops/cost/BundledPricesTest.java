package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundledPricesTest {

  @ParameterizedTest
  @CsvSource({
    "openai, gpt-4o-mini, 2026-08-10T00:00:00Z, , , , input=1000000 output=1000000, 0.75",
    "openai, gpt-4o, 2026-08-10T00:00:00Z, batch, , , input=1000000 output=1000000, 6.25",
    "openai, gpt-5, 2026-08-10T00:00:00Z, flex, , , input=1000000 cacheRead=1000000, 0.0625",
    "openai, gpt-5.6-sol, 2026-08-10T00:00:00Z, , eu, , output=1000000, 33",
    "openai, o3, 2025-06-09T23:59:59Z, , , , input=1000000, 10",
    "openai, o3, 2025-06-10T00:00:00Z, , , , input=1000000, 2",
    "anthropic, claude-opus-4-8, 2026-08-10T00:00:00Z, , , fast, input=1000000, 10",
    "anthropic, claude-opus-4-8, 2026-08-10T00:00:00Z, , us, , input=1000000, 5.5",
    "google, claude-opus-4-8, 2026-08-10T00:00:00Z, , , , input=1000000, 5",
    "azure, gpt-4o, 2026-08-10T00:00:00Z, , , , input=1000000, 2.5",
    "azure, gpt-4o, 2026-08-10T00:00:00Z, batch, , , input=1000000, unpriced",
    "dashscope, qwen-max, 2026-08-01T00:00:00Z, , , , input=1000000, 1.6",
    "dashscope, qwen-max, 2026-08-02T00:00:00Z, , , , input=1000000, unpriced",
    "deepseek, deepseek-v4-pro, 2026-09-01T03:59:59Z, , , , input=1000000, 1.32",
    "deepseek, deepseek-v4-pro, 2026-09-01T04:00:00Z, , , , input=1000000, 0.66",
    "deepseek, deepseek-v4-pro, 2026-08-01T02:00:00Z, , , , input=1000000, 0.435",
    "deepseek, deepseek-chat, 2026-08-01T02:00:00Z, , , , input=1000000, unpriced",
    "openrouter, qwen/qwq-32b:free, 2026-08-10T00:00:00Z, , , , input=1000000, 0",
    "perplexity, sonar, 2026-08-10T00:00:00Z, , , , input=1000000, 1.012",
    "perplexity, sonar-deep-research, 2026-08-10T00:00:00Z, , , , input=1000000 output=2000000 reasoning=1000000 citation_tokens=1000000 web_searches=1000, 20",
    "groq, llama-3.3-70b-versatile, 2026-08-10T00:00:00Z, , , , input=1000000 cacheRead=400000, 0.59",
    "mistral, mistral-ocr-latest, 2026-08-10T00:00:00Z, , , , input_document_pages=1000, 4",
    "gcp.gemini, gemini-2.5-flash, 2026-08-10T00:00:00Z, , , , input=1000000 web_searches=1, 0.335",
    "gcp.gemini, gemini-3-pro-preview, 2026-08-10T00:00:00Z, , , , web_searches=2, 0.028",
    "groq, whisper-large-v3, 2026-08-10T00:00:00Z, , , , audio_seconds=3600, 0.111",
  })
  void cost_knownPrices_areExact(
      String provider,
      String model,
      Instant at,
      String tier,
      String region,
      String speed,
      String usage,
      String usd) {
    PriceQuery query =
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .usage(TestPrices.usage(usage))
            .at(at)
            .serviceTier(tier)
            .region(region)
            .speed(speed)
            .build();

    String cost =
        PriceCatalog.bundled()
            .cost(query)
            .map(found -> found.usd().stripTrailingZeros().toPlainString())
            .orElse("unpriced");

    assertThat(cost).isEqualTo(usd);
  }

  @Test
  void file_always_saysWhereItIsFrom() throws IOException {
    JsonNode root = root();

    assertThat(root.path("version").asText())
        .matches("genai-prices \\S+ of \\d{4}-\\d{2}-\\d{2}, LiteLLM of \\d{4}-\\d{2}-\\d{2}");
    assertThat(root.path("date").asText()).matches("\\d{4}-\\d{2}-\\d{2}");
    assertThat(root.path("currency").asText()).isEqualTo("USD");
    assertThat(root.path("sources")).hasSize(2);
    assertThat(root.path("license").asText()).contains("MIT", "Pydantic", "Berri AI");
  }

  @Test
  void file_everyModel_hasTextOrUnitPricesThatAreNotNegative() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (JsonNode provider : root().path("providers")) {
      for (JsonNode model : provider.path("models")) {
        JsonNode first = model.path("prices").path(0);
        boolean text = first.path("rates").has("input") || first.path("rates").has("output");
        boolean audio = first.path("rates").has("inputAudio");
        if (!text && !audio && first.path("units").isEmpty()) {
          wrong.add(PriceFeed.id(provider) + '/' + PriceFeed.id(model));
        }
        for (JsonNode rule : model.path("prices")) {
          for (JsonNode rate : rule.path("rates")) {
            assertThat(rate.decimalValue()).isNotNegative();
            assertThat(rate.decimalValue()).isLessThan(BigDecimal.valueOf(1_000));
          }
        }
      }
    }

    assertThat(wrong).isEmpty();
  }

  @Test
  void file_everyModelOfOneListAlone_hasAnEnd() throws IOException {
    int alone = 0;
    for (JsonNode provider : root().path("providers")) {
      for (JsonNode model : provider.path("models")) {
        if (model.path("note").asText().startsWith("last confirmed")) {
          alone++;
          assertThat(model.path("prices"))
              .allMatch(rule -> rule.has("from") && rule.has("until"), model.toString());
        }
      }
    }

    assertThat(alone).isPositive();
  }

  private static JsonNode root() throws IOException {
    try (InputStream in = PriceCatalog.class.getResourceAsStream("prices.json")) {
      return PriceFile.JSON.readTree(in);
    }
  }
}
