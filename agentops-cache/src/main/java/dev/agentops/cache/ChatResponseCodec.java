package dev.agentops.cache;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.io.IOException;

/** Answers and how they were made, as {@link AnswerCodec} writes them. Thread-safe. */
final class ChatResponseCodec implements Codec<ChatResponse> {

  private final AnswerCodec answers = new AnswerCodec();

  @Override
  public String id() {
    return answers.id();
  }

  @Override
  public byte[] encode(ChatResponse response) throws IOException {
    return answers.encode(KeptResponse.answer(response));
  }

  @Override
  public ChatResponse decode(byte[] bytes) throws IOException {
    return new KeptResponse(answers.decode(bytes));
  }
}
