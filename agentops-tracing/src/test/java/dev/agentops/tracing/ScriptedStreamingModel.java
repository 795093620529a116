package dev.agentops.tracing;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.function.BiConsumer;

/** A streaming model that does with the handler what a test says, on the caller's thread. */
record ScriptedStreamingModel(BiConsumer<ChatRequest, StreamingChatResponseHandler> script)
    implements StreamingChatModel {

  /** The same on a thread of its own, as over HTTP. */
  static ScriptedStreamingModel onItsOwnThread(
      BiConsumer<ChatRequest, StreamingChatResponseHandler> script) {
    return new ScriptedStreamingModel(
        (request, handler) -> {
          Thread thread = new Thread(() -> script.accept(request, handler), "http");
          thread.setDaemon(true);
          thread.start();
        });
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    script.accept(request, handler);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return ChatRequestParameters.builder().modelName("gpt-4").build();
  }
}
