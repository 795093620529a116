package dev.agentops.cache;

import dev.agentops.Cost;
import dev.agentops.LiveAnswer;
import dev.agentops.ModelCall;
import dev.agentops.StreamChunk;
import dev.agentops.UsageReport;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer with what is known of how it was made. Immutable as far as the answer is.
 *
 * @param cuts where it was cut when it was streamed; null where it was not
 * @param report what it consumed, where the provider told
 * @param cost what it cost, where the price is known
 * @param took how long the model took
 * @param madeAt when the model had given it
 */
record KeptAnswer(
    ChatResponse response,
    @Nullable ChunkSizes cuts,
    @Nullable UsageReport report,
    @Nullable Cost cost,
    Duration took,
    Instant madeAt) {

  private static final long FIXED_BYTES = 512;
  private static final long ENTRY_BYTES = 32;

  /** What a model has answered to a call just now. */
  static KeptAnswer of(ModelCall call, ChatResponse response, Instant now) {
    List<StreamChunk> chunks = call.share().chunks();
    return new KeptAnswer(
        response,
        chunks.isEmpty() ? null : ChunkSizes.of(chunks, response.aiMessage()),
        call.report(),
        call.cost(),
        call.elapsed(),
        now);
  }

  /**
   * The answer with LangChain4j's own metadata and token usage in place of the provider's, which
   * may hold the HTTP headers and raw events of the call: the same as is kept in a store.
   */
  KeptAnswer plain() {
    ChatResponseMetadata full = response.metadata();
    if (full == null) {
      return this;
    }
    TokenUsage tokens = full.tokenUsage();
    ChatResponseMetadata metadata =
        ChatResponseMetadata.builder()
            .id(full.id())
            .modelName(full.modelName())
            .finishReason(full.finishReason())
            .tokenUsage(
                tokens == null
                    ? null
                    : new TokenUsage(
                        tokens.inputTokenCount(),
                        tokens.outputTokenCount(),
                        tokens.totalTokenCount()))
            .build();
    ChatResponse plain =
        ChatResponse.builder().aiMessage(response.aiMessage()).metadata(metadata).build();
    return new KeptAnswer(plain, cuts, report, cost, took, madeAt);
  }

  /** The answer as a stream, in the chunks in which it came where it was one. */
  LiveAnswer replay(Duration pace) {
    List<StreamChunk> chunks = cuts == null ? List.of() : cuts.chunks(response.aiMessage());
    return LiveAnswer.of(response, chunks, pace);
  }

  /** About how many bytes it takes in memory. */
  long weight() {
    AiMessage message = response.aiMessage();
    long characters = length(message.text()) + length(message.thinking());
    for (ToolExecutionRequest tool : message.toolExecutionRequests()) {
      characters += length(tool.arguments());
    }
    return FIXED_BYTES
        + 2 * characters
        + bytes(message.attributes())
        + (cuts == null ? 0 : (long) Integer.BYTES * cuts.count());
  }

  private static long bytes(@Nullable Object value) {
    if (value instanceof CharSequence text) {
      return ENTRY_BYTES + 2L * text.length();
    }
    if (value instanceof byte[] bytes) {
      return ENTRY_BYTES + bytes.length;
    }
    if (value instanceof Image image) {
      return ENTRY_BYTES + bytes(image.base64Data()) + bytes(image.revisedPrompt());
    }
    long sum = ENTRY_BYTES;
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        sum += bytes(entry.getKey()) + bytes(entry.getValue());
      }
    } else if (value instanceof Iterable<?> values) {
      for (Object each : values) {
        sum += bytes(each);
      }
    }
    return sum;
  }

  /** How long ago it was made; zero where the clock of the process that made it is ahead. */
  Duration age(Instant now) {
    Duration age = Duration.between(madeAt, now);
    return age.isNegative() ? Duration.ZERO : age;
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
