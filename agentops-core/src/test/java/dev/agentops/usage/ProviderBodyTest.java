package dev.agentops.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReader;
import dev.agentops.UsageReport;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderBodyTest {

  static Stream<Arguments> bodies() {
    return Stream.of(
        row(
            "OpenAI chat",
            "openai",
            """
            {"model": "gpt-5.6", "service_tier": "default", "choices": [{"message": {"usage": 9}}],
             "usage": {"prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300,
               "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 200,
                 "audio_tokens": 0},
               "completion_tokens_details": {"reasoning_tokens": 250, "audio_tokens": 40}}}
            """,
            report(
                    input(1_000)
                        .cacheReadTokens(600)
                        .cacheWriteTokens(200)
                        .outputTokens(300)
                        .reasoningTokens(250)
                        .outputAudioTokens(40))
                .model("gpt-5.6")
                .serviceTier("standard")),
        row(
            "OpenAI responses with tools that it ran itself",
            "openai",
            """
            {"model": "gpt-5.6", "service_tier": "priority", "metadata": {"model": "not this"},
             "output": [{"type": "web_search_call", "action": {"type": "search", "query": "x"}},
               {"type": "web_search_call", "action": {"type": "open_page", "url": "u"}},
               {"type": "file_search_call", "queries": ["a", "b"]},
               {"type": "message", "content": []}],
             "usage": {"input_tokens": 4020, "output_tokens": 5, "total_tokens": 4025,
               "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 4012},
               "output_tokens_details": {"reasoning_tokens": 0}}}
            """,
            report(
                    input(4_020)
                        .cacheWriteTokens(4_012)
                        .outputTokens(5)
                        .units("web_searches", BigDecimal.ONE)
                        .units("storage_searches", BigDecimal.ONE))
                .model("gpt-5.6")
                .serviceTier("priority")),
        row(
            "OpenAI realtime with cached audio",
            "openai",
            """
            {"type": "response.done", "response": {"usage": {"input_tokens": 500,
               "output_tokens": 90, "total_tokens": 590,
               "input_token_details": {"cached_tokens": 300, "text_tokens": 100,
                 "audio_tokens": 400, "cached_tokens_details": {"audio_tokens": 250}},
               "output_token_details": {"audio_tokens": 60, "text_tokens": 30}}}}
            """,
            report(
                input(500)
                    .cacheReadTokens(300)
                    .inputAudioTokens(400)
                    .cacheReadAudioTokens(250)
                    .outputTokens(90)
                    .outputAudioTokens(60))),
        row(
            "cached audio that is not told, but must be",
            "openai",
            """
            {"usage": {"prompt_tokens": 500, "completion_tokens": 1,
               "prompt_tokens_details": {"cached_tokens": 300, "audio_tokens": 400}}}
            """,
            report(
                input(500)
                    .cacheReadTokens(300)
                    .inputAudioTokens(400)
                    .cacheReadAudioTokens(200)
                    .outputTokens(1))),
        row(
            "OpenAI embeddings",
            "openai",
            """
            {"model": "text-embedding-3-small", "data": [{"embedding": [0.1, 0.2]}],
             "usage": {"prompt_tokens": 8, "total_tokens": 8}}
            """,
            report(input(8)).model("text-embedding-3-small")),
        row(
            "embeddings with nothing but a total",
            "voyage_ai",
            "{\"model\": \"voyage-4\", \"data\": [], \"usage\": {\"total_tokens\": 12}}",
            report(input(12)).model("voyage-4")),
        row(
            "OpenAI images, before it told details",
            "openai",
            """
            {"data": [{"b64_json": "iVBORw0KGgo="}],
             "usage": {"input_tokens": 50, "output_tokens": 4160, "total_tokens": 4210,
               "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}}}
            """,
            report(input(50).inputImageTokens(40).outputTokens(4_160).outputImageTokens(4_160))),
        row(
            "OpenAI transcription by duration",
            "openai",
            "{\"text\": \"hi\", \"usage\": {\"type\": \"duration\", \"seconds\": 12.5}}",
            report(Usage.builder().units("audio_seconds", new BigDecimal("12.5")))),
        row(
            "DeepSeek",
            "deepseek",
            """
            {"model": "deepseek-chat", "usage": {"prompt_tokens": 1000, "completion_tokens": 20,
               "total_tokens": 1020, "prompt_cache_hit_tokens": 960,
               "prompt_cache_miss_tokens": 40}}
            """,
            report(input(1_000).cacheReadTokens(960).outputTokens(20)).model("deepseek-chat")),
        row(
            "Mistral, whose engine's number is no discount",
            "mistral",
            """
            {"model": "mistral-large", "usage": {"prompt_tokens": 70, "completion_tokens": 12,
               "total_tokens": 82, "num_cached_tokens": 69, "prompt_audio_seconds": {}}}
            """,
            report(input(70).outputTokens(12)).model("mistral-large")),
        row(
            "Mistral audio",
            "mistral",
            "{\"usage\": {\"prompt_tokens\": 4, \"completion_tokens\": 1,"
                + " \"prompt_audio_seconds\": 30}}",
            report(input(4).outputTokens(1).units("audio_seconds", new BigDecimal(30)))),
        row(
            "Mistral OCR",
            "mistral",
            """
            {"model": "mistral-ocr", "pages": [{"markdown": "x"}], "document_annotation": "{}",
             "usage_info": {"pages_processed": 3, "doc_size_bytes": 9000}}
            """,
            report(
                    Usage.builder()
                        .units("input_document_pages", new BigDecimal(3))
                        .units("input_annotated_document_pages", new BigDecimal(3)))
                .model("mistral-ocr")),
        row(
            "xAI counts reasoning beside, as its total tells; text_tokens are the whole prompt",
            "unknown",
            """
            {"model": "grok-4", "usage": {"prompt_tokens": 1000, "completion_tokens": 400,
               "total_tokens": 1700, "num_sources_used": 0, "cost_in_usd_ticks": 37756000,
               "prompt_tokens_details": {"text_tokens": 1000, "cached_tokens": 900},
               "completion_tokens_details": {"reasoning_tokens": 300}}}
            """,
            report(input(1_000).cacheReadTokens(900).outputTokens(700).reasoningTokens(300))
                .model("grok-4")
                .reportedCost(Cost.usd("0.0037756"))),
        row(
            "xAI without a total",
            "x-ai",
            """
            {"usage": {"prompt_tokens": 10, "completion_tokens": 40,
               "completion_tokens_details": {"reasoning_tokens": 30}}}
            """,
            report(input(10).outputTokens(70).reasoningTokens(30))),
        row(
            "xAI responses count reasoning inside",
            "x-ai",
            """
            {"model": "grok-4", "usage": {"input_tokens": 10, "output_tokens": 40,
               "total_tokens": 50, "output_tokens_details": {"reasoning_tokens": 30}}}
            """,
            report(input(10).outputTokens(40).reasoningTokens(30)).model("grok-4")),
        row(
            "Groq",
            "groq",
            """
            {"model": "openai/gpt-oss-120b", "service_tier": "on_demand",
             "usage": {"queue_time": 0.2, "prompt_tokens": 336, "completion_tokens": 96,
               "total_tokens": 432, "prompt_tokens_details": {"cached_tokens": 256},
               "completion_tokens_details": {"reasoning_tokens": 59}}}
            """,
            report(input(336).cacheReadTokens(256).outputTokens(96).reasoningTokens(59))
                .model("openai/gpt-oss-120b")
                .serviceTier("standard")),
        row(
            "Perplexity's total leaves reasoning out",
            "perplexity",
            """
            {"model": "sonar-deep-research", "usage": {"prompt_tokens": 33,
               "completion_tokens": 7163, "total_tokens": 7196, "citation_tokens": 20016,
               "num_search_queries": 18, "reasoning_tokens": 5000,
               "cost": {"input_tokens_cost": 0.000066, "total_cost": 0.422}}}
            """,
            report(
                    input(33)
                        .outputTokens(12_163)
                        .reasoningTokens(5_000)
                        .units("web_searches", new BigDecimal(18))
                        .units("citation_tokens", new BigDecimal(20_016)))
                .model("sonar-deep-research")
                .reportedCost(Cost.usd("0.422"))),
        row(
            "OpenRouter tells its bill",
            "openrouter",
            """
            {"model": "openai/gpt-5.1", "provider": "OpenAI", "usage": {"prompt_tokens": 16,
               "completion_tokens": 2, "total_tokens": 18, "cost": 1.4e-05, "is_byok": false,
               "cost_details": {"upstream_inference_cost": 1.4e-05},
               "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 8},
               "server_tool_use": {"web_search_requests": 2}}}
            """,
            report(
                    input(16)
                        .cacheReadTokens(4)
                        .cacheWriteTokens(8)
                        .outputTokens(2)
                        .units("web_searches", new BigDecimal(2)))
                .model("openai/gpt-5.1")
                .reportedCost(Cost.usd("0.000014"))),
        row(
            "OpenRouter with one's own key: its fee and the provider's bill",
            "openrouter",
            """
            {"usage": {"prompt_tokens": 326, "completion_tokens": 91, "cost": 0.00001,
               "cost_details": {"upstream_inference_cost": 0.0003253}, "is_byok": true}}
            """,
            report(input(326).outputTokens(91)).reportedCost(Cost.usd("0.0003353"))),
        row(
            "DashScope",
            "dashscope",
            """
            {"request_id": "r", "output": {"choices": []}, "usage": {"input_tokens": 3019,
               "output_tokens": 104, "total_tokens": 3123,
               "prompt_tokens_details": {"cached_tokens": 2048, "cache_creation_input_tokens": 900,
                 "cache_creation": {"ephemeral_5m_input_tokens": 900}},
               "output_tokens_details": {"reasoning_tokens": 50}}}
            """,
            report(
                input(3_019)
                    .cacheReadTokens(2_048)
                    .cacheWriteTokens(900)
                    .outputTokens(104)
                    .reasoningTokens(50))),
        row(
            "Cloudflare's envelope",
            "cloudflare",
            "{\"result\": {\"usage\": {\"prompt_tokens\": 3, \"completion_tokens\": 4}},"
                + " \"success\": true}",
            report(input(3).outputTokens(4))),
        row(
            "Anthropic counts the cache beside the input",
            "anthropic",
            """
            {"type": "message", "model": "claude-opus-5", "content": [{"type": "text"}],
             "usage": {"input_tokens": 3, "output_tokens": 550,
               "cache_read_input_tokens": 9000, "cache_creation_input_tokens": 700,
               "cache_creation": {"ephemeral_5m_input_tokens": 500,
                 "ephemeral_1h_input_tokens": 200},
               "output_tokens_details": {"thinking_tokens": 80},
               "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
               "service_tier": "batch", "inference_geo": "us", "speed": "fast"}}
            """,
            report(
                    input(9_703)
                        .cacheReadTokens(9_000)
                        .cacheWriteTokens(700)
                        .cacheWrite1hTokens(200)
                        .outputTokens(550)
                        .reasoningTokens(80)
                        .units("web_searches", new BigDecimal(2)))
                .model("claude-opus-5")
                .serviceTier("batch")
                .region("us")
                .speed("fast")),
        row(
            "Anthropic's ordinary speed and untold place",
            "anthropic",
            """
            {"usage": {"input_tokens": 3, "output_tokens": 5, "speed": "standard",
               "inference_geo": "not_available", "cache_creation": null}}
            """,
            report(input(3).outputTokens(5))),
        row(
            "Anthropic's inferences: a pause, advice of another model, and going on",
            "anthropic",
            """
            {"model": "claude-sonnet-5", "usage": {"input_tokens": 412, "output_tokens": 531,
               "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
               "service_tier": "priority", "inference_geo": "us", "iterations": [
                 {"type": "message", "input_tokens": 412, "output_tokens": 89},
                 {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 823,
                   "output_tokens": 1612},
                 {"type": "message", "input_tokens": 1348, "cache_read_input_tokens": 412,
                   "output_tokens": 442}]}}
            """,
            report(input(412).outputTokens(89))
                .model("claude-sonnet-5")
                .serviceTier("priority")
                .region("us")
                .subCall(
                    report(input(823).outputTokens(1_612))
                        .model("claude-opus-5")
                        .region("us")
                        .build())
                .subCall(
                    report(input(1_760).cacheReadTokens(412).outputTokens(442))
                        .model("claude-sonnet-5")
                        .serviceTier("priority")
                        .region("us")
                        .build())),
        row(
            "Anthropic's only inference is the call itself",
            "anthropic",
            """
            {"usage": {"input_tokens": 136, "output_tokens": 16, "iterations": [
               {"type": "message", "input_tokens": 136, "output_tokens": 16}]}}
            """,
            report(input(136).outputTokens(16))),
        row(
            "Gemini: thoughts and tools' prompts are beside, cached tokens inside",
            "gcp.gemini",
            """
            {"modelVersion": "gemini-3-pro", "candidates": [{"content": {}}],
             "usageMetadata": {"promptTokenCount": 1000, "cachedContentTokenCount": 600,
               "toolUsePromptTokenCount": 100, "candidatesTokenCount": 300,
               "thoughtsTokenCount": 250, "totalTokenCount": 1650, "trafficType": "ON_DEMAND_FLEX",
               "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 500},
                 {"modality": "AUDIO", "tokenCount": 400}, {"modality": "IMAGE", "tokenCount": 60},
                 {"modality": "DOCUMENT", "tokenCount": 40}],
               "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 350}],
               "toolUsePromptTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}],
               "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 290}]}}
            """,
            report(
                    input(1_100)
                        .cacheReadTokens(600)
                        .inputAudioTokens(405)
                        .cacheReadAudioTokens(350)
                        .inputImageTokens(100)
                        .outputTokens(550)
                        .reasoningTokens(250)
                        .outputImageTokens(290))
                .model("gemini-3-pro")
                .serviceTier("flex")),
        row(
            "Gemini's refusal has no candidates",
            "gcp.gemini",
            "{\"usageMetadata\": {\"promptTokenCount\": 15, \"totalTokenCount\": 15,"
                + " \"serviceTier\": \"standard\"}}",
            report(input(15)).serviceTier("standard")),
        row(
            "Bedrock Converse counts the cache beside the input",
            "aws.bedrock",
            """
            {"output": {"message": {"role": "assistant"}}, "serviceTier": {"type": "priority"},
             "performanceConfig": {"latency": "optimized"},
             "usage": {"inputTokens": 120, "outputTokens": 300, "totalTokens": 31420,
               "cacheReadInputTokens": 30000, "cacheWriteInputTokens": 1000,
               "cacheDetails": [{"ttl": "1h", "inputTokens": 800},
                 {"ttl": "5m", "inputTokens": 200}]}}
            """,
            report(
                    input(31_120)
                        .cacheReadTokens(30_000)
                        .cacheWriteTokens(1_000)
                        .cacheWrite1hTokens(800)
                        .outputTokens(300))
                .serviceTier("priority")
                .speed("optimized")),
        row(
            "Bedrock Converse's stream",
            "aws.bedrock",
            "{\"metadata\": {\"usage\": {\"inputTokens\": 1, \"outputTokens\": 2},"
                + " \"performanceConfig\": {\"latency\": \"standard\"}}}",
            report(input(1).outputTokens(2))),
        row(
            "Nova on Bedrock",
            "aws.bedrock",
            "{\"usage\": {\"inputTokens\": 10, \"outputTokens\": 2,"
                + " \"cacheReadInputTokenCount\": 5, \"cacheWriteInputTokenCount\": 3}}",
            report(input(18).cacheReadTokens(5).cacheWriteTokens(3).outputTokens(2))),
        row(
            "Llama on Bedrock",
            "aws.bedrock",
            "{\"generation\": \"x\", \"prompt_token_count\": 7, \"generation_token_count\": 9}",
            report(input(7).outputTokens(9))),
        row(
            "Titan on Bedrock",
            "aws.bedrock",
            "{\"inputTextTokenCount\": 7, \"results\": [{\"tokenCount\": 4, \"outputText\": \"x\"},"
                + " {\"tokenCount\": 5}]}",
            report(input(7).outputTokens(9))),
        row(
            "Cohere bills units, not tokens",
            "cohere",
            """
            {"id": "c", "message": {"role": "assistant"}, "usage": {
               "billed_units": {"input_tokens": 17, "output_tokens": 12},
               "tokens": {"input_tokens": 215, "output_tokens": 42}}}
            """,
            report(input(17).outputTokens(12))),
        row(
            "Cohere rerank",
            "cohere",
            "{\"results\": [{\"index\": 0}],"
                + " \"meta\": {\"billed_units\": {\"search_units\": 2}}}",
            report(Usage.builder().units("search_units", new BigDecimal(2)))),
        row(
            "OpenRouter's cost in Anthropic's dialect",
            "anthropic",
            """
            {"model": "anthropic/claude-sonnet-4.5", "usage": {"input_tokens": 10,
              "output_tokens": 10, "cache_read_input_tokens": 0, "cost": 0.0123}}
            """,
            report(input(10).outputTokens(10))
                .model("anthropic/claude-sonnet-4.5")
                .reportedCost(Cost.usd("0.0123"))),
        row(
            "Gemini 3 grounded in searches: each different query that is not empty",
            "gcp.gemini",
            grounded("gemini-3-pro-preview"),
            report(input(100).outputTokens(20).units("web_searches", new BigDecimal(3)))
                .model("gemini-3-pro-preview")),
        row(
            "Gemini 2.5 grounded in searches: the answer",
            "gcp.gemini",
            grounded("gemini-2.5-flash"),
            report(input(100).outputTokens(20).units("web_searches", BigDecimal.ONE))
                .model("gemini-2.5-flash")),
        row(
            "OpenAI's code interpreter, pictures and searches",
            "openai",
            """
            {"model": "o4-mini", "output": [
               {"type": "code_interpreter_call", "container_id": "c1", "outputs": [{"type": "x"}]},
               {"type": "code_interpreter_call", "container_id": "c1"},
               {"type": "code_interpreter_call", "container_id": "c2"},
               {"type": "image_generation_call", "result": "aGk="},
               {"type": "mcp_call"}, {"type": "function_call"}, {"type": "computer_call"}],
             "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}
            """,
            report(
                    input(10)
                        .outputTokens(5)
                        .units("code_sessions", new BigDecimal(2))
                        .units("image_generations", BigDecimal.ONE))
                .model("o4-mini")),
        row(
            "xAI's live search",
            "x_ai",
            "{\"usage\": {\"prompt_tokens\": 10, \"completion_tokens\": 5, \"total_tokens\": 15,"
                + " \"num_sources_used\": 4}}",
            report(input(10).outputTokens(5).units("search_sources", new BigDecimal(4)))),
        row(
            "Ollama",
            "ollama",
            "{\"model\": \"llama3\", \"done\": true, \"prompt_eval_count\": 26,"
                + " \"eval_count\": 290}",
            report(input(26).outputTokens(290)).model("llama3")));
  }

  static Stream<Arguments> bodiesOfStreams() {
    return bodies().filter(row -> String.valueOf(row.get()[2]).contains("\"usage"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void readBody_tellsWhatTheProviderTold(
      String name, String provider, String body, UsageReport expected) {
    assertThat(UsageReader.readBody(provider, body)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodiesOfStreams")
  void readBody_asTheLastEventOfAStream_tellsTheSame(
      String name, String provider, String body, UsageReport expected) {
    String events =
        ": a comment\nid: 1\nevent: chunk\ndata: {\"choices\":[],\"usage\":null}\n\n"
            + body.strip().lines().map(line -> "data: " + line + "\n").reduce("", String::concat)
            + "\ndata: [DONE]\n\n";

    assertThat(UsageReader.readBody(provider, events)).isEqualTo(expected);
  }

  @Test
  void readBody_anthropicsStream_mergesTheBeginningAndTheEnd() {
    String events =
        """
        event: message_start
        data: {"type":"message_start","message":{"model":"claude-opus-5","usage":{"input_tokens":12,"cache_read_input_tokens":900,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":30},"output_tokens":1,"service_tier":"standard","inference_geo":"eu"}}}

        event: content_block_delta
        data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"the \\"usage\\": {}"}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":77,"server_tool_use":{"web_search_requests":1}}}

        event: message_stop
        data: {"type":"message_stop"}

        """;

    assertThat(UsageReader.readBody("anthropic", events))
        .isEqualTo(
            report(
                    input(942)
                        .cacheReadTokens(900)
                        .cacheWriteTokens(30)
                        .cacheWrite1hTokens(30)
                        .outputTokens(77)
                        .units("web_searches", BigDecimal.ONE))
                .model("claude-opus-5")
                .serviceTier("standard")
                .region("eu")
                .build());
  }

  @Test
  void readBody_anthropicsBrokenStream_leavesThePlaceholderOut() {
    String events =
        """
        event: message_start
        data: {"type":"message_start","message":{"usage":{"input_tokens":12,"cache_read_input_tokens":0,"output_tokens":1}}}
        """;

    assertThat(UsageReader.readBody("anthropic", events))
        .isEqualTo(report(input(12)).gap(UsageGap.OUTPUT).build());
  }

  @Test
  void readBody_streamThatTellsAgainAndAgain_theLastWins() {
    String events =
        """
        data: {"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"totalTokenCount":12},"modelVersion":"gemini-3-flash"}

        data: {"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":51,"thoughtsTokenCount":4,"totalTokenCount":64},"modelVersion":"gemini-3-flash"}
        """;
    UsageReport expected =
        report(input(9).outputTokens(55).reasoningTokens(4)).model("gemini-3-flash").build();

    assertThat(UsageReader.readBody("gcp.gemini", events)).isEqualTo(expected);
    String array = "[" + events.replace("data: ", "").replace("}\n\n{", "},\n{").strip() + "]";
    assertThat(UsageReader.readBody("gcp.gemini", array)).isEqualTo(expected);
  }

  @Test
  void readBody_groqsStream_tellsUsageInItsOwnEnvelope() {
    assertThat(
            UsageReader.readBody(
                "groq",
                "data: {\"model\":\"m\",\"x_groq\":{\"usage\":"
                    + "{\"prompt_tokens\":3,\"completion_tokens\":4}}}\n"))
        .isEqualTo(report(input(3).outputTokens(4)).model("m").build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"usage\": null}",
        "{\"usage\": {}}",
        "{\"usage\": 5}",
        "{\"error\": {}}",
        "[]",
        "data: [DONE]\n\n"
      })
  void readBody_withoutUsage_isNull(String body) {
    assertThat(UsageReader.readBody("openai", body)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt_tokens\": -3}|prompt_tokens is not a count: -3",
        "{\"prompt_tokens\": 1.5}|prompt_tokens is not a count: 1.5",
        "{\"prompt_tokens\": \"12\"}|prompt_tokens is not a count: \"12\"",
        "{\"prompt_tokens\": 99999999999999999999}|is not a count: 99999999999999999999",
        "{\"prompt_tokens\": 10, \"total_tokens\": 10, \"cached_tokens\": 11}|11 of 10",
        "{\"prompt_tokens\": 1, \"completion_tokens\": 5, \"total_tokens\": 6,"
            + " \"reasoning_tokens\": 6}|6 of 5",
        "{\"prompt_tokens\": 1, \"cost\": -0.1}|cost must not be negative: -0.1",
        "{\"prompt_tokens\": 1, \"cost\": 1e900000}|cost is not an amount: 1E+900000",
        "{\"prompt_tokens\": 1, \"cost\": -1e900000}|cost must not be negative: -1E+900000",
        "{\"prompt_tokens\": 1, \"cost\": 1e-900000000}|cost is not an amount: 1E-900000000",
        "{\"prompt_tokens\": 1, \"cost\": 1000000000000000}|is not an amount: 1000000000000000",
        "{\"prompt_tokens\": 1, \"cost_in_usd_ticks\": 1e99}|cost_in_usd_ticks is not an amount",
        "{\"prompt_tokens\": 1, \"seconds\": 1e900000}|seconds is not an amount: 1E+900000",
        "{\"prompt_tokens\": 1e900000}|prompt_tokens is not a count: 1E+900000",
        "{\"prompt_tokens\": 1e-900000000}|prompt_tokens is not a count: 1E-900000000",
        "{\"input_tokens\": 9223372036854775807, \"cache_read_input_tokens\": 1}|impossible usage: ",
        "{\"input_tokens\": 5, \"cache_creation_input_tokens\": 1, \"cache_creation\":"
            + " {\"ephemeral_1h_input_tokens\": 2}}|2 of 1"
      })
  void readBody_impossibleUsage_isRefusedWithTheNumbers(String usage, String message) {
    assertThatThrownBy(() -> UsageReader.readBody("openai", "{\"usage\": " + usage + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|neither a body in JSON nor a stream of events",
        "<html>busy</html>|neither a body in JSON nor a stream of events: <html>",
        "\"usage\"|neither a body in JSON nor a stream of events: \"usage\"",
        "{\"usage\": {\"prompt_tokens\": 1|not a body in JSON: {\"usage\": {\"prompt_tokens\": 1",
        "data: {\"usage\": {|not a body in JSON: {\"usage\": {",
        "[1, 2|not a body in JSON: [1, 2"
      })
  void readBody_notABody_isRefusedWithItsBeginning(String body, String message) {
    assertThatThrownBy(() -> UsageReader.readBody("openai", body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void readBody_tooLong_isRefusedAndLongOnesAreNotKept() {
    String picture = "x".repeat(8 * 1024 * 1024);
    String body =
        "{\"data\": [{\"b64_json\": \"" + picture + "\"}], \"usage\": {\"input_tokens\": 5}}";

    assertThat(Objects.requireNonNull(UsageReader.readBody("openai", body)).usage())
        .isEqualTo(Usage.of(5, 0));
    assertThatThrownBy(() -> UsageReader.readBody("openai", body + picture + picture))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too long")
        .hasMessageContaining("b64_json")
        .message()
        .hasSizeLessThan(400);
  }

  @Test
  void readBody_deeplyNested_isReadWithoutRecursionIntoIt() {
    String nested = "{\"result\":".repeat(900) + "{}" + "}".repeat(900);

    assertThat(UsageReader.readBody("openai", nested)).isNull();
  }

  @Test
  void readBody_geminisStreamWhoseLastEventTellsNoSearch_keepsThose() {
    String events =
        """
        data: {"candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}],\
         "usageMetadata": {"promptTokenCount": 7}}

        data: {"candidates": [{"groundingMetadata": {}, "finishReason": "STOP"}],\
         "modelVersion": "gemini-3-pro-preview",\
         "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3}}
        """;

    assertThat(UsageReader.readBody("gcp.gemini", events))
        .isEqualTo(
            report(input(7).outputTokens(3).units("web_searches", new BigDecimal(2)))
                .model("gemini-3-pro-preview")
                .build());
  }

  private static String grounded(String model) {
    return """
        {"modelVersion": "%s", "candidates": [{"content": {"parts": [{"text": "usage"}]},
           "groundingMetadata": {"searchEntryPoint": {"renderedContent": "<a>"},
             "groundingChunks": [{"web": {"uri": "u"}}],
             "webSearchQueries": ["a", "b", "a", "", "c"]}}],
         "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 20,
           "totalTokenCount": 120}}
        """
        .formatted(model);
  }

  private static Arguments row(
      String name, String provider, String body, UsageReport.Builder expected) {
    return Arguments.of(name, provider, body, expected.build());
  }

  private static UsageReport.Builder report(Usage.Builder usage) {
    return UsageReport.builder().usage(usage.build());
  }

  private static Usage.Builder input(long tokens) {
    return Usage.builder().inputTokens(tokens);
  }
}
