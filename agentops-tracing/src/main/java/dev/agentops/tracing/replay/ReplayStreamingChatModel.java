package dev.agentops.tracing.replay;

import dev.agentops.StreamReplay;
import dev.agentops.tracing.RecordedMessages;
import dev.agentops.tracing.SpanStatus;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams as the record does, word by word on the caller's thread, and after the fork as the live
 * model does.
 */
final class ReplayStreamingChatModel implements StreamingChatModel {

  private static final String WORD_STARTS = "(?<=\\s)(?=\\S)";

  private final Playback playback;
  private final ReplayTraits traits;
  private final @Nullable StreamingChatModel live;

  ReplayStreamingChatModel(
      Playback playback, ReplayTraits traits, @Nullable StreamingChatModel live) {
    this.playback = playback;
    this.traits = traits;
    this.live = live;
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    RecordedCall call;
    try {
      call = playback.modelCall(RecordedMessages.write(request.messages()));
    } catch (ReplayDivergenceException e) {
      handler.onError(e); // where a streaming model's caller looks for errors
      return;
    }
    if (call != null) {
      stream(call, handler);
    } else if (live != null) {
      live.chat(request, handler);
    } else {
      handler.onError(new IllegalStateException(ReplayTraits.noLiveModel("StreamingChatModel")));
    }
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return live == null ? traits.parameters() : live.defaultRequestParameters();
  }

  @Override
  public ModelProvider provider() {
    return live == null ? ModelProvider.OTHER : live.provider();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return live == null ? traits.capabilities() : live.supportedCapabilities();
  }

  private void stream(RecordedCall call, StreamingChatResponseHandler handler) {
    SpanStatus status = call.span().status();
    AiMessage message = ReplayAnswer.message(call);
    StreamReplay stream = StreamReplay.to(handler);
    if (message.thinking() != null) {
      words(message.thinking(), stream::thinking);
    }
    if (message.text() != null) {
      words(message.text(), stream::text);
    }
    stream.toolCalls(message.toolExecutionRequests());
    if (stream.isCancelled() != (status == SpanStatus.CANCELLED)) {
      Divergence divergence = Divergences.cancelled(call, status == SpanStatus.CANCELLED);
      playback.note(divergence);
      if (!stream.isCancelled()) { // there is no more to stream
        handler.onError(new ReplayDivergenceException(divergence));
      }
    } else if (status == SpanStatus.OK) {
      stream.complete(ReplayAnswer.of(call));
    } else if (status != SpanStatus.CANCELLED) {
      handler.onError(call.error());
    }
  }

  private static void words(String text, Consumer<String> chunks) {
    if (!text.isEmpty()) {
      for (String word : text.split(WORD_STARTS)) {
        chunks.accept(word);
      }
    }
  }
}
