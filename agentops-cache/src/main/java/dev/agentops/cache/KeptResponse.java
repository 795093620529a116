package dev.agentops.cache;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.time.Instant;

/** An answer that knows how it was made. Immutable as far as the answer is. */
final class KeptResponse extends ChatResponse {

  private final KeptAnswer answer;

  KeptResponse(KeptAnswer answer) {
    super(answer.response().toBuilder());
    this.answer = answer;
  }

  /** What is known of an answer; of one that somebody else put, nothing but itself. */
  static KeptAnswer answer(ChatResponse response) {
    return response instanceof KeptResponse kept
        ? kept.answer
        : new KeptAnswer(response, null, null, null, Duration.ZERO, Instant.EPOCH);
  }
}
