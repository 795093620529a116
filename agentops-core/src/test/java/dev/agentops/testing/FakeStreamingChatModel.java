package dev.agentops.testing;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A streaming chat model whose callbacks a test makes by hand, or by a script that gets each
 * request and its handler.
 */
public final class FakeStreamingChatModel implements StreamingChatModel {

  private final BiConsumer<ChatRequest, StreamingChatResponseHandler> script;
  private final List<ChatRequest> requests = new CopyOnWriteArrayList<>();
  private volatile StreamingChatResponseHandler handler;

  private FakeStreamingChatModel(BiConsumer<ChatRequest, StreamingChatResponseHandler> script) {
    this.script = script;
  }

  /** Does nothing by itself: the test drives {@link #handler()}. */
  public static FakeStreamingChatModel drivenByHand() {
    return new FakeStreamingChatModel((request, handler) -> {});
  }

  public static FakeStreamingChatModel scripted(
      BiConsumer<ChatRequest, StreamingChatResponseHandler> script) {
    return new FakeStreamingChatModel(script);
  }

  /** Sends the words of a text, each as a chunk, then the whole. */
  public static FakeStreamingChatModel saying(String text) {
    return scripted(
        (request, handler) -> {
          Handle handle = new Handle();
          for (String word : text.split("(?<= )")) {
            if (!handle.isCancelled()) {
              handler.onPartialResponse(
                  new PartialResponse(word), new PartialResponseContext(handle));
            }
          }
          if (!handle.isCancelled()) {
            handler.onCompleteResponse(FakeChatModel.response(text));
          }
        });
  }

  /** The handler of the last request. */
  public StreamingChatResponseHandler handler() {
    return Objects.requireNonNull(handler, "not asked yet");
  }

  /** Sends one chunk of text with a handle. */
  public void chunk(String text, StreamingHandle handle) {
    handler().onPartialResponse(new PartialResponse(text), new PartialResponseContext(handle));
  }

  public List<ChatRequest> requests() {
    return requests;
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    requests.add(request);
    this.handler = handler;
    script.accept(request, handler);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return ChatRequestParameters.builder().modelName(FakeChatModel.MODEL).build();
  }

  @Override
  public ModelProvider provider() {
    return ModelProvider.OPEN_AI;
  }

  /** A handle that only remembers whether it was cancelled. */
  public static final class Handle implements StreamingHandle {

    private volatile boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
