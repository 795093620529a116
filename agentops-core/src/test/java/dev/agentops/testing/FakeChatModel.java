package dev.agentops.testing;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A chat model that answers each request with a function, and remembers what it was asked. */
public final class FakeChatModel implements ChatModel {

  /** The model name that requests without one get. */
  public static final String MODEL = "fake-model";

  private final Function<ChatRequest, ChatResponse> answers;
  private final List<ChatRequest> requests = new CopyOnWriteArrayList<>();

  private FakeChatModel(Function<ChatRequest, ChatResponse> answers) {
    this.answers = answers;
  }

  public static FakeChatModel answering(Function<ChatRequest, ChatResponse> answers) {
    return new FakeChatModel(answers);
  }

  public static FakeChatModel saying(String text) {
    return answering(request -> response(text));
  }

  public static FakeChatModel throwing(RuntimeException error) {
    return answering(
        request -> {
          throw error;
        });
  }

  /** An answer of 10 input and 5 output tokens. */
  public static ChatResponse response(String text) {
    return response(AiMessage.from(text), FinishReason.STOP);
  }

  public static ChatResponse response(AiMessage message, FinishReason reason) {
    return ChatResponse.builder()
        .aiMessage(message)
        .modelName(MODEL + "-2026-01-01")
        .tokenUsage(new TokenUsage(10, 5))
        .finishReason(reason)
        .build();
  }

  /** What the model was asked, in order. */
  public List<ChatRequest> requests() {
    return requests;
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    requests.add(request);
    return answers.apply(request);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return ChatRequestParameters.builder().modelName(MODEL).build();
  }

  @Override
  public ModelProvider provider() {
    return ModelProvider.OPEN_AI;
  }
}
