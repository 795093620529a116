package dev.agentops.examples.server;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.service.TokenStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Relays the tokens of an answer to a client while the thread of the request waits, and cancels the
 * model when the client goes away.
 *
 * <p>LangChain4j gives out the handle that cancels with the first chunk only: a client that leaves
 * before it is remembered, and the stream is cancelled by its first chunk.
 */
final class StreamedAnswer {

  /** How long a client may be gone while nothing is sent. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private final SseStream out;
  private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();
  private @Nullable StreamingHandle handle; // guarded by this
  private boolean abandoned; // guarded by this

  StreamedAnswer(SseStream out) {
    this.out = out;
  }

  void start(TokenStream stream) {
    stream
        .onPartialResponseWithContext(this::token)
        .onPartialThinkingWithContext((partial, context) -> holds(context.streamingHandle()))
        .onPartialToolCallWithContext((partial, context) -> holds(context.streamingHandle()))
        .onCompleteResponse(end::complete)
        .onError(end::completeExceptionally)
        .start();
  }

  /**
   * Waits for the end.
   *
   * @throws ClientGoneException if the client went away
   */
  String await() {
    try {
      while (true) {
        try {
          AiMessage message = end.get(HEARTBEAT.toNanos(), TimeUnit.NANOSECONDS).aiMessage();
          return message.text() == null ? "" : message.text();
        } catch (TimeoutException e) {
          beat();
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      abandon();
      Thread.currentThread().interrupt();
      throw ApiError.of(503, "shutting_down", "The server shuts down");
    }
  }

  private void token(PartialResponse partial, PartialResponseContext context) {
    if (holds(context.streamingHandle())) {
      try {
        out.send("token", new Token(partial.text()));
      } catch (IOException e) {
        abandon();
      }
    }
  }

  private void beat() {
    try {
      out.heartbeat();
    } catch (IOException e) {
      abandon();
    }
  }

  /** Keeps the handle, or uses it at once where nobody waits for the answer any more. */
  private synchronized boolean holds(StreamingHandle current) {
    handle = current;
    if (abandoned) {
      current.cancel();
    }
    return !abandoned;
  }

  private void abandon() {
    synchronized (this) {
      abandoned = true;
      if (handle != null) {
        handle.cancel();
      }
    }
    out.close();
    end.completeExceptionally(new ClientGoneException());
  }

  /** The data of a {@code token} event. */
  record Token(String text) {}
}
