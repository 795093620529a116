package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's dialect: chat, responses, realtime, embeddings, images and transcriptions, and all who
 * speak it: DeepSeek, Mistral, Groq, xAI, Perplexity, OpenRouter, DashScope, Cerebras and more.
 *
 * <p>Tools that the provider runs and bills beside the tokens are units: searches of the web and of
 * files, containers of the code interpreter, pictures, and the sources of xAI's live search. Left
 * out are the search that each answer of {@code gpt-4o-search-preview} contains, of which only the
 * request tells the size and hence the fee, and tools that are billed in tokens alone.
 *
 * <p>Cached tokens are a part of the input, reasoning is a part of the output; see {@link
 * CountedTokens} for those who differ. Mistral's {@code num_cached_tokens} is its engine's number
 * and not what it bills, so it is left alone, as are xAI's {@code text_tokens}, which sometimes are
 * the whole prompt.
 */
final class OpenAiBody {

  private static final String[] INPUT_DETAILS = {
    "prompt_tokens_details", "input_tokens_details", "input_token_details"
  };
  private static final String[] OUTPUT_DETAILS = {
    "completion_tokens_details", "output_tokens_details", "output_token_details"
  };

  private OpenAiBody() {}

  static boolean speaks(JsonNode usage) {
    return Fields.hasAny(
        usage,
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "seconds");
  }

  static UsageReport.Builder read(String provider, ObjectNode body, JsonNode usage) {
    return UsageReport.builder().usage(usage(provider, body, usage));
  }

  private static Usage usage(String provider, ObjectNode body, JsonNode usage) {
    JsonNode inputDetails = Fields.object(usage, INPUT_DETAILS);
    JsonNode outputDetails = Fields.object(usage, OUTPUT_DETAILS);
    Long total = Fields.told(usage, "total_tokens");
    Long toldInput = Fields.told(usage, "prompt_tokens", "input_tokens");
    long output = Fields.count(usage, "completion_tokens", "output_tokens");
    long input = toldInput != null ? toldInput : total != null ? total - output : 0;
    Usage.Builder counted =
        CountedTokens.of(input, output, total)
            .cacheRead(cacheRead(usage, inputDetails))
            .cacheWrite(
                Fields.count(
                    inputDetails,
                    "cache_write_tokens",
                    "cache_creation_tokens",
                    "cache_creation_input_tokens"))
            .reasoning(reasoning(usage, outputDetails))
            .reasoningBeside(countsReasoningBeside(provider, body, usage, total))
            .inputAudio(
                Fields.count(inputDetails, "audio_tokens"),
                Fields.count(Fields.object(inputDetails, "cached_tokens_details"), "audio_tokens"))
            .toUsage();
    addModalities(counted, body, inputDetails, outputDetails, output);
    addUnits(counted, body, usage);
    return counted.build();
  }

  private static long cacheRead(JsonNode usage, JsonNode inputDetails) {
    Long told = Fields.told(inputDetails, "cached_tokens");
    return told != null
        ? told
        : Fields.count(
            usage, "prompt_cache_hit_tokens", "cached_tokens", "cached_prompt_text_tokens");
  }

  private static long reasoning(JsonNode usage, JsonNode outputDetails) {
    Long told = Fields.told(outputDetails, "reasoning_tokens", "thinking_tokens");
    return told != null ? told : Fields.count(usage, "reasoning_tokens");
  }

  /** Perplexity's total leaves reasoning out; xAI's chat total has room for it. */
  private static boolean countsReasoningBeside(
      String provider, ObjectNode body, JsonNode usage, @Nullable Long total) {
    if (Fields.hasAny(usage, "num_search_queries", "citation_tokens", "search_context_size")) {
      return true;
    }
    String model = Fields.text(body, "model");
    boolean xAi =
        provider.contains("xai")
            || provider.contains("x-ai")
            || provider.contains("x_ai")
            || (model != null && model.toLowerCase(Locale.ROOT).startsWith("grok"));
    return xAi && total == null && usage.has("completion_tokens");
  }

  private static void addModalities(
      Usage.Builder counted,
      ObjectNode body,
      JsonNode inputDetails,
      JsonNode outputDetails,
      long output) {
    boolean drawn =
        outputDetails.isMissingNode() && body.path("data").path(0).path("image").booleanValue();
    counted
        .inputImageTokens(Fields.count(inputDetails, "image_tokens"))
        .outputAudioTokens(Fields.count(outputDetails, "audio_tokens"))
        .outputImageTokens(drawn ? output : Fields.count(outputDetails, "image_tokens"));
  }

  private static void addUnits(Usage.Builder counted, ObjectNode body, JsonNode usage) {
    long searches =
        Fields.count(usage, "num_search_queries")
            + Fields.count(Fields.object(usage, "server_tool_use"), "web_search_requests")
            + calls(body, "web_search_call");
    counted
        .units("web_searches", BigDecimal.valueOf(searches))
        .units("storage_searches", BigDecimal.valueOf(calls(body, "file_search_call")))
        .units("code_sessions", BigDecimal.valueOf(codeSessions(body)))
        .units("image_generations", BigDecimal.valueOf(calls(body, "image_generation_call")))
        .units("search_sources", BigDecimal.valueOf(Fields.count(usage, "num_sources_used")))
        .units("citation_tokens", BigDecimal.valueOf(Fields.count(usage, "citation_tokens")));
    for (String name : new String[] {"seconds", "prompt_audio_seconds", "billable_audio_seconds"}) {
      BigDecimal seconds = Fields.amount(usage, name);
      if (seconds != null) {
        counted.units("audio_seconds", seconds);
      }
    }
  }

  /** A container is billed once, however many pieces of code run in it. */
  private static long codeSessions(ObjectNode body) {
    Set<String> containers = new HashSet<>();
    for (JsonNode item : body.path("output")) {
      if ("code_interpreter_call".equals(Fields.text(item, "type"))) {
        containers.add(String.valueOf(Fields.text(item, "container_id")));
      }
    }
    return containers.size();
  }

  /** How many tools of a type the provider has run; opening a page that was found is no search. */
  private static long calls(ObjectNode body, String type) {
    long calls = 0;
    for (JsonNode item : body.path("output")) {
      String action = Fields.text(item.path("action"), "type");
      if (type.equals(Fields.text(item, "type")) && (action == null || action.equals("search"))) {
        calls++;
      }
    }
    return calls;
  }
}
