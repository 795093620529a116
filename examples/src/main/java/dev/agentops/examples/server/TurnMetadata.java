package dev.agentops.examples.server;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What a turn took: all its model calls together. */
record TurnMetadata(
    @JsonPropertyDescription("The model that answered.") String model,
    TokenCounts usage,
    @JsonPropertyDescription(
            "US dollars, exactly, embeddings included; null where a model has no known price.")
        @Nullable BigDecimal cost,
    @JsonPropertyDescription("Whether every model call of the turn was answered by the cache.")
        boolean cached,
    int modelCalls,
    int cachedModelCalls,
    int toolCalls,
    @JsonPropertyDescription("For GET /traces/{trace_id}.") String traceId,
    long latencyMs) {

  /** Tokens as the provider counted them; those of cached answers are not counted again. */
  record TokenCounts(
      long inputTokens,
      long outputTokens,
      long totalTokens,
      @JsonPropertyDescription("Of the input, what the provider had in its own cache.")
          long cacheReadTokens,
      @JsonPropertyDescription("Of the output.") long reasoningTokens) {}
}
