package dev.agentops.tracing.replay;

import dev.agentops.tracing.RecordedMessages;
import dev.agentops.tracing.SpanStatus;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers as the record does, and after the fork as the live model does. */
final class ReplayChatModel implements ChatModel {

  private final Playback playback;
  private final ReplayTraits traits;
  private final @Nullable ChatModel live;

  ReplayChatModel(Playback playback, ReplayTraits traits, @Nullable ChatModel live) {
    this.playback = playback;
    this.traits = traits;
    this.live = live;
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    RecordedCall call = playback.modelCall(RecordedMessages.write(request.messages()));
    if (call == null) {
      if (live == null) {
        throw new IllegalStateException(ReplayTraits.noLiveModel("ChatModel"));
      }
      return live.chat(request);
    }
    if (call.span().status() != SpanStatus.OK) {
      throw call.error();
    }
    return ReplayAnswer.of(call);
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
}
