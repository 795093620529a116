package dev.agentops.tracing.conformance;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;

/** A model that streams as the step says whose id is the name of the requested model. */
record PlannedStreamingModel(Stage stage) implements StreamingChatModel {

  /** A step that is asked through a streaming model. */
  interface Streaming extends PlannedListener.Listened {
    void answer(ChatRequest request, StreamingChatResponseHandler handler, Stage stage);
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    stage.find(request.modelName(), Streaming.class).answer(request, handler, stage);
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
