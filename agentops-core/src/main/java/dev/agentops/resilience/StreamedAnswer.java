package dev.agentops.resilience;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of a stream. One that is given up is cancelled by the handle that its chunks
 * bring: at once, or with the first of them. Thread-safe.
 */
final class StreamedAnswer implements StreamingChatResponseHandler {

  private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();
  private @Nullable StreamingHandle handle;
  private boolean givenUp;

  private StreamedAnswer() {}

  /**
   * Asks, and waits for the whole answer.
   *
   * @throws InterruptedException if the thread is interrupted; the stream is given up then
   */
  static ChatResponse of(StreamingChatModel model, ChatRequest request) throws Exception {
    StreamedAnswer answer = new StreamedAnswer();
    model.chat(request, answer);
    try {
      return answer.end.get();
    } catch (InterruptedException e) {
      answer.giveUp();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    see(context.streamingHandle());
  }

  @Override
  public void onPartialThinking(PartialThinking partial, PartialThinkingContext context) {
    see(context.streamingHandle());
  }

  @Override
  public void onPartialToolCall(PartialToolCall partial, PartialToolCallContext context) {
    see(context.streamingHandle());
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    end.complete(response);
  }

  @Override
  public void onError(Throwable error) {
    end.completeExceptionally(error);
  }

  private void giveUp() {
    StreamingHandle known;
    synchronized (this) {
      givenUp = true;
      known = handle;
    }
    if (known != null) {
      known.cancel();
    }
  }

  private void see(StreamingHandle seen) {
    boolean late;
    synchronized (this) {
      handle = seen;
      late = givenUp;
    }
    if (late) {
      seen.cancel();
    }
  }
}
