package dev.agentops.tracing;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.CompletableFuture;

/** Waits for the end of a stream; cancels it at its first chunk where told to. */
final class CollectingHandler implements StreamingChatResponseHandler {

  private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();
  private final boolean cancelling;

  CollectingHandler(boolean cancelling) {
    this.cancelling = cancelling;
  }

  CompletableFuture<ChatResponse> end() {
    return end;
  }

  @Override
  public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    if (cancelling) {
      context.streamingHandle().cancel();
    }
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    end.complete(response);
  }

  @Override
  public void onError(Throwable error) {
    end.completeExceptionally(error);
  }
}
