package dev.agentops.cache;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Answers alone, as {@link AnswerCodec} writes them. Thread-safe. */
final class ChatResponseCodec implements Codec<ChatResponse> {

  private final AnswerCodec answers = new AnswerCodec();

  @Override
  public String id() {
    return answers.id();
  }

  @Override
  public byte[] encode(ChatResponse response) throws IOException {
    return answers.encode(new KeptAnswer(response, null, null, null, Duration.ZERO, Instant.EPOCH));
  }

  @Override
  public ChatResponse decode(byte[] bytes) throws IOException {
    return answers.decode(bytes).response();
  }
}
