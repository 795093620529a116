package dev.agentops.tracing.conformance;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;

/** A model that answers as the step says whose id is the name of the requested model. */
record PlannedChatModel(Stage stage) implements ChatModel {

  /** A step that is asked through a model. */
  interface Answering extends PlannedListener.Listened {
    ChatResponse answer(ChatRequest request, Stage stage);
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    return stage.find(request.modelName(), Answering.class).answer(request, stage);
  }

  @Override
  public List<ChatModelListener> listeners() {
    return List.of(new PlannedListener(stage));
  }

  @Override
  public ModelProvider provider() {
    return ModelProvider.OTHER;
  }
}
