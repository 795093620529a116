package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;

/** A user's listener, which throws where that is the plan. */
record PlannedListener(Stage stage) implements ChatModelListener {

  /** A step whose model has this listener. */
  interface Listened {
    boolean listenerThrows();
  }

  @Override
  public void onRequest(ChatModelRequestContext context) {
    strike(context.chatRequest());
  }

  @Override
  public void onResponse(ChatModelResponseContext context) {
    strike(context.chatRequest());
  }

  @Override
  public void onError(ChatModelErrorContext context) {
    strike(context.chatRequest());
  }

  private void strike(ChatRequest request) {
    if (stage.find(request.modelName(), Listened.class).listenerThrows()) {
      throw new PlannedException("listener");
    }
  }
}
