package dev.agentops.tracing;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.function.Function;

/** A chat model that answers as a test says. */
record ScriptedModel(Function<ChatRequest, ChatResponse> script) implements ChatModel {

  @Override
  public ChatResponse doChat(ChatRequest request) {
    return script.apply(request);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return ChatRequestParameters.builder().modelName("gpt-4").build();
  }

  @Override
  public ModelProvider provider() {
    return ModelProvider.OPEN_AI;
  }
}
