package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.UsageReport;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Google's dialect, as AI Studio and Vertex speak it: cached tokens are a part of the prompt;
 * thoughts are counted beside the candidates, and what tools brought into the prompt beside that.
 * Documents are billed as images.
 */
final class GeminiBody {

  private static final Set<String> AUDIO = Set.of("AUDIO");
  private static final Set<String> IMAGE = Set.of("IMAGE", "DOCUMENT");

  private GeminiBody() {}

  static UsageReport.Builder read(ObjectNode body) {
    JsonNode usage = body.path("usageMetadata");
    long input =
        Math.addExact(
            Fields.count(usage, "promptTokenCount"),
            Fields.count(usage, "toolUsePromptTokenCount"));
    long candidates = Fields.count(usage, "candidatesTokenCount", "responseTokenCount");
    long thoughts = Fields.count(usage, "thoughtsTokenCount");
    JsonNode prompt = usage.path("promptTokensDetails");
    JsonNode tools = usage.path("toolUsePromptTokensDetails");
    JsonNode answer =
        usage.path(
            usage.has("candidatesTokensDetails")
                ? "candidatesTokensDetails"
                : "responseTokensDetails");
    return UsageReport.builder()
        .usage(
            CountedTokens.of(
                    input, candidates, Math.addExact(input, Math.addExact(candidates, thoughts)))
                .cacheRead(Fields.count(usage, "cachedContentTokenCount"))
                .inputAudio(
                    of(AUDIO, prompt) + of(AUDIO, tools),
                    of(AUDIO, usage.path("cacheTokensDetails")))
                .reasoning(thoughts)
                .toUsage()
                .inputImageTokens(of(IMAGE, prompt) + of(IMAGE, tools))
                .outputAudioTokens(of(AUDIO, answer))
                .outputImageTokens(of(IMAGE, answer))
                .units("web_searches", BigDecimal.valueOf(searches(body)))
                .build())
        .serviceTier(ServiceTiers.of(Fields.text(usage, "serviceTier", "trafficType")));
  }

  private static long searches(ObjectNode body) {
    List<String> queries = new ArrayList<>();
    for (JsonNode candidate : body.path("candidates")) {
      for (JsonNode query : candidate.path("groundingMetadata").path("webSearchQueries")) {
        queries.add(query.asText());
      }
    }
    return GroundedSearches.billed(Fields.text(body, "modelVersion"), queries);
  }

  private static long of(Set<String> modalities, JsonNode details) {
    long tokens = 0;
    for (JsonNode detail : details) {
      String modality = Fields.text(detail, "modality");
      if (modality != null && modalities.contains(modality.toUpperCase(Locale.ROOT))) {
        tokens = Math.addExact(tokens, Fields.count(detail, "tokenCount"));
      }
    }
    return tokens;
  }
}
