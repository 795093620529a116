package dev.agentops.examples.llm;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A handler that records a stream, and cancels it after so many partial responses. */
final class StreamProbe implements StreamingChatResponseHandler {
  final List<String> partials = new CopyOnWriteArrayList<>();
  final CompletableFuture<ChatResponse> complete = new CompletableFuture<>();
  final CompletableFuture<Throwable> error = new CompletableFuture<>();
  private final int cancelAfter;

  StreamProbe() {
    this(Integer.MAX_VALUE);
  }

  StreamProbe(int cancelAfter) {
    this.cancelAfter = cancelAfter;
  }

  @Override
  public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    partials.add(partial.text());
    if (partials.size() >= cancelAfter) {
      context.streamingHandle().cancel();
    }
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    complete.complete(response);
  }

  @Override
  public void onError(Throwable failure) {
    error.complete(failure);
  }
}
