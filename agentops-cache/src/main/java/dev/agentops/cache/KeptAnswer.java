package dev.agentops.cache;

import dev.agentops.Cost;
import dev.agentops.LiveAnswer;
import dev.agentops.ModelCall;
import dev.agentops.StreamChunk;
import dev.agentops.UsageReport;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    return FIXED_BYTES + 2 * characters + (cuts == null ? 0 : (long) Integer.BYTES * cuts.count());
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
