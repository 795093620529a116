package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteLlmPricesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "chat|'input_cost_per_token': 1e-06, 'output_cost_per_token': 2e-06|input=3 output=2|0.000007",
        "chat|'input_cost_per_token': 1.25e-09|input=3|0.00000000375",
        "chat|'input_cost_per_token': 0.015, 'output_cost_per_token': 0.06|input=3|unpriced",
        "chat|'input_cost_per_token': 1e-10, 'output_cost_per_token': 1e-10|input=3|unpriced",
        "chat|'input_cost_per_token': 1e-06, 'cache_read_input_token_cost': 1e-07|input=3 cacheRead=3|0.0000003",
        "chat|'input_cost_per_token': 1e-06, 'input_cost_per_token_cache_hit': 1e-07|input=3 cacheRead=3|0.0000003",
        "chat|'input_cost_per_token': 1e-06|input=3 cacheRead=3|0.000003",
        "chat|'cache_creation_input_token_cost': 2e-06, 'cache_creation_input_token_cost_above_1hr': 4e-06|input=2 cacheWrite=2 cacheWrite1h=1|0.000006",
        "chat|'input_cost_per_audio_token': 3e-05, 'output_cost_per_audio_token': 6e-05|input=1 inputAudio=1 output=1 outputAudio=1|0.00009",
        "chat|'output_cost_per_token': 2e-06, 'output_cost_per_reasoning_token': 3e-06|output=2 reasoning=1|0.000005",
        "chat|'input_cost_per_token': 1e-06, 'input_cost_per_request': 0.005|input=1|0.005001",
        "chat|'input_cost_per_token': 1e-06, 'citation_cost_per_token': 2e-06|input=1 citation_tokens=4|0.000009",
        "chat|'input_cost_per_token': 1e-06, 'search_context_cost_per_query': {'search_context_size_low': 0.01, 'search_context_size_high': 0.01}|input=1 web_searches=2|0.020001",
        "chat|'input_cost_per_token': 1e-06, 'search_context_cost_per_query': {'search_context_size_low': 0.01, 'search_context_size_high': 0.02}|input=1 web_searches_high=2|0.040001",
        "chat|'input_cost_per_token': 1e-06, 'search_context_cost_per_query': {'search_context_size_low': 0.01, 'search_context_size_high': 0.02}|input=1 web_searches=2|unpriced",
        "chat|'output_cost_per_token': 1e-06, 'output_cost_per_video_token': 2e-05|output=1 output_video_tokens=1|0.000021",
        "chat|'code_interpreter_cost_per_session': 0.03|code_interpreter_sessions=2|0.06",
        "chat|'input_cost_per_second': 0.01, 'output_cost_per_second': 0.01|input=1|unpriced",
        "chat|'input_cost_per_token': 1e-06, 'input_cost_per_smell': 1|input=1|unpriced",
        "audio_transcription|'input_cost_per_second': 0.0001, 'output_cost_per_second': 0.0001|audio_seconds=30|0.003",
        "audio_transcription|'input_cost_per_second': 0.0001, 'output_cost_per_second': 0.0|audio_seconds=30|0.003",
        "audio_transcription|'input_cost_per_second': 0.0001, 'output_cost_per_second': 0.0002|audio_seconds=30|unpriced",
        "audio_speech|'input_cost_per_character': 1.5e-05|characters=100|0.0015",
        "embedding|'input_cost_per_character': 2.5e-08, 'input_cost_per_token': 1e-07|input=10 characters=40|unpriced",
        "embedding|'input_cost_per_token': 1e-07, 'output_cost_per_token': 0|input=10|0.000001",
        "embedding|'input_cost_per_token': 1e-07, 'input_cost_per_image': 0.0001|input=10 input_images=1|0.000101",
        "rerank|'input_cost_per_query': 0.002, 'input_cost_per_token': 0.0|search_units=3|0.006",
        "search|'input_cost_per_query': 0.008|web_searches=1|0.008",
        "search|'input_cost_per_query': 0.0|web_searches=1|0",
        "ocr|'ocr_cost_per_page': 0.004, 'annotation_cost_per_page': 0.005|input_document_pages=2 input_annotated_document_pages=1|0.013",
        "image_generation|'input_cost_per_image': 0.04|output_images=2|0.08",
        "image_generation|'input_cost_per_pixel': 1.9e-08, 'output_cost_per_pixel': 0.0|output_pixels=1048576|0.019922944",
        "image_generation|'input_cost_per_token': 2e-06, 'input_cost_per_image': 0.001, 'output_cost_per_image': 0.1, 'output_cost_per_image_token': 0.00012|output=9 outputImage=9|0.00108",
        "image_generation|'output_cost_per_token': 1e-06, 'output_cost_per_image': 0.1, 'output_cost_per_image_token': 0.00012|output_images=1|unpriced",
        "video_generation|'output_cost_per_video_per_second': 0.1|video_seconds=4|0.4",
        "search|'tiered_pricing': [{'max_results_range': [0, 25], 'input_cost_per_query': 0.005}]|web_searches=1|unpriced",
      })
  void load_field_isPricedOrLeftOut(String mode, String fields, String usage, String usd) {
    PriceCatalog catalog =
        list("'m': {'litellm_provider': 'p', 'mode': '" + mode + "', " + fields + "}");

    assertThat(price(catalog, "p", "m", null, usage)).isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    ", input=100 cacheRead=50 output=1, 0.00026",
    ", input=128000, 0.512",
    ", input=128001, 0.768006",
    ", input=128001 cacheRead=128001, 0.128001",
    ", input=200001, 1.600008",
    ", input=200001 output=1, 1.600018",
    "batch, input=100 output=1, 0.000205",
    "batch, input=100 cacheRead=1, 0.0002",
    "batch, input=128001, unpriced",
    "flex, input=100 cacheRead=50 output=1, 0.000181",
    "flex, input=128001 cacheRead=1, 0.3840006",
    "flex, input=200001, unpriced",
    "priority, input=100, unpriced",
  })
  void load_sizesAndTiers_combine(String tier, String usage, String usd) {
    PriceCatalog catalog =
        list(
            """
            'm': {'litellm_provider': 'p', 'mode': 'chat',
             'input_cost_per_token': 4e-06, 'input_cost_per_token_above_128k_tokens': 6e-06, 'input_cost_per_token_above_200k_tokens': 8e-06,
             'cache_read_input_token_cost': 1e-06, 'output_cost_per_token': 1e-05,
             'input_cost_per_token_batches': 2e-06, 'output_cost_per_token_batches': 5e-06,
             'input_cost_per_token_flex': 3e-06, 'input_cost_per_token_above_128k_tokens_flex': 3e-06,
             'cache_read_input_token_cost_flex': 6e-07, 'output_cost_per_token_flex': 1e-06}
            """);

    assertThat(price(catalog, "p", "m", tier, usage)).isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    "32000, 0.032002",
    "32001, 0.064005",
    "128000, 0.256003",
    "128001, 0.64001",
    "9000000, 45.000005",
  })
  void load_bands_holdForTheWholeRequest(long input, String usd) {
    PriceCatalog catalog =
        list(
            """
            'dashscope/m': {'litellm_provider': 'dashscope', 'mode': 'chat', 'tiered_pricing': [
             {'range': [0, 32000.0], 'input_cost_per_token': 1e-06, 'output_cost_per_token': 2e-06},
             {'range': [32000.0, 128000.0], 'input_cost_per_token': 2e-06, 'output_cost_per_token': 3e-06},
             {'range': [128000.0, 256000.0], 'input_cost_per_token': 5e-06, 'output_cost_per_token': 5e-06}]}
            """);

    assertThat(price(catalog, "dashscope", "m", null, "input=" + input + " output=1"))
        .isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    ", , 0.000006",
    "us, , 0.0000066",
    "eu, , 0.0000072",
    "mars, , 0.000006",
    ", fast, 0.000036",
    "us, fast, 0.0000396",
    ", turbo, unpriced",
  })
  void load_regionsAndSpeeds_multiply(String region, String speed, String usd) {
    PriceCatalog catalog =
        list(
            """
            'm': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': 1e-06, 'output_cost_per_token': 5e-06,
             'provider_specific_entry': {'us': 1.1, 'fast': 6.0, 'schema': 'v2'}, 'regional_processing_uplift_multiplier_eu': 1.2}
            """);
    PriceQuery query =
        PriceQuery.builder()
            .provider("p")
            .model("m")
            .usage(TestPrices.usage("input=1 output=1"))
            .region(region)
            .speed(speed)
            .build();

    assertThat(
            catalog
                .cost(query)
                .map(cost -> cost.usd().stripTrailingZeros().toPlainString())
                .orElse("unpriced"))
        .isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    "google, one, 0.000001",
    "gemini, gemini/one, 0.000001",
    "gcp.vertex_ai, vertex_ai/one, 0.000002",
    "google, vertex_ai/two, 0.000003",
    "google, two, 0.000003",
    "aws, anthropic.claude-x, 0.000004",
    "bedrock, eu-west-1/anthropic.claude-x, 0.000005",
    "x-ai, grok-x, 0.000006",
    "xai, xai/grok-x, 0.000006",
    "fireworks, accounts/fireworks/models/m, 0.000007",
    "together, meta/Llama, 0.000008",
    "openai, hd/picture, 0.000009",
    "nowhere, one, unpriced",
    ", grok-x, 0.000006",
  })
  void load_names_areThoseOfTheCatalogue(String provider, String model, String usd) {
    PriceCatalog catalog =
        list(
            """
            'one': {'litellm_provider': 'vertex_ai-language-models', 'mode': 'chat', 'input_cost_per_token': 2e-06},
            'gemini/one': {'litellm_provider': 'gemini', 'mode': 'chat', 'input_cost_per_token': 1e-06},
            'vertex_ai/two': {'litellm_provider': 'vertex_ai-llama_models', 'mode': 'chat', 'input_cost_per_token': 3e-06},
            'anthropic.claude-x': {'litellm_provider': 'bedrock_converse', 'mode': 'chat', 'input_cost_per_token': 4e-06},
            'bedrock/eu-west-1/anthropic.claude-x': {'litellm_provider': 'bedrock', 'mode': 'chat', 'input_cost_per_token': 5e-06},
            'xai/grok-x': {'litellm_provider': 'xai', 'mode': 'chat', 'input_cost_per_token': 6e-06},
            'fireworks_ai/accounts/fireworks/models/m': {'litellm_provider': 'fireworks_ai', 'mode': 'chat', 'input_cost_per_token': 7e-06},
            'together_ai/meta/Llama': {'litellm_provider': 'together_ai', 'mode': 'chat', 'input_cost_per_token': 8e-06},
            'hd/picture': {'litellm_provider': 'openai', 'mode': 'chat', 'input_cost_per_token': 9e-06}
            """);

    assertThat(price(catalog, provider, model, null, "input=1")).isEqualTo(usd);
  }

  @Test
  void load_priceThatIsNoNumber_namesModelAndField() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                list(
                    "'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': '1e-06'}"))
        .withMessageContaining("test.json")
        .withMessageContaining("model m")
        .withMessageContaining("bad input_cost_per_token: \"1e-06\"");
  }

  @Test
  void load_negativePrice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                list(
                    "'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': -1e-06}"))
        .withMessageContaining("p/m")
        .withMessageContaining("-1");
  }

  private static PriceCatalog list(String models) {
    return TestPrices.parse('{' + models.replace('\'', '"') + '}');
  }

  private static String price(
      PriceCatalog catalog, String provider, String model, String tier, String usage) {
    PriceQuery query =
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .usage(TestPrices.usage(usage))
            .at(Instant.parse("2026-08-01T12:00:00Z"))
            .serviceTier(tier)
            .build();
    return catalog
        .cost(query)
        .map(cost -> cost.usd().stripTrailingZeros().toPlainString())
        .orElse("unpriced");
  }
}
