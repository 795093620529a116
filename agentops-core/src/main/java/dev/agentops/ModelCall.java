package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of a chat model. */
public final class ModelCall extends Call {

  private final ChatRequest callerRequest;
  private final ChatRequest request;
  private final @Nullable String modelName;
  private final String provider;
  private final boolean streaming;
  private volatile @Nullable Usage usage;
  private volatile @Nullable Cost cost;
  private volatile boolean cached;

  /**
   * Whether the stream has announced its tool calls one by one, so that they are remembered and
   * perhaps running.
   */
  volatile boolean toolCallsAnnounced;

  ModelCall(
      AgentOps ops,
      Context callerContext,
      ChatRequest request,
      @Nullable ChatRequestParameters defaults,
      @Nullable ModelProvider provider,
      boolean streaming) {
    super(ops, callerContext);
    this.callerRequest = request;
    this.request = effective(ops, request, defaults);
    this.modelName = this.request.modelName();
    this.provider = ProviderNames.of(provider);
    this.streaming = streaming;
  }

  /** The request with the model's default parameters filled in, as the provider will see it. */
  public ChatRequest request() {
    return request;
  }

  /** The very request that the caller handed over. */
  public ChatRequest callerRequest() {
    return callerRequest;
  }

  /**
   * The model that is asked for; null where neither the request nor the model's defaults name one.
   */
  public @Nullable String modelName() {
    return modelName;
  }

  /**
   * The provider, as {@code gen_ai.provider.name} of OpenTelemetry spells it; {@code unknown} where
   * LangChain4j does not tell.
   */
  public String provider() {
    return provider;
  }

  public boolean streaming() {
    return streaming;
  }

  /**
   * A guess at the input tokens, for limits that must be taken before the provider has counted:
   * four ASCII characters a token, any other character a token, 1,000 tokens for a content that is
   * not text. Counted anew at each call.
   */
  public long estimatedInputTokens() {
    return TokenEstimate.of(request);
  }

  /**
   * A guess at the output tokens, by the same rule, where the provider told no usage: of the answer
   * with its thinking and tool calls, else of the text that was streamed.
   */
  public long estimatedOutputTokens(Outcome<ChatResponse> outcome) {
    ChatResponse response = outcome.response();
    return response == null
        ? TokenEstimate.of(List.of(outcome.streamedText()))
        : TokenEstimate.of(response.aiMessage());
  }

  /**
   * What the call consumed; null before it has ended, and where the provider did not tell or was
   * not asked.
   */
  public @Nullable Usage usage() {
    return usage;
  }

  void recordUsage(@Nullable Usage usage) {
    this.usage = usage;
  }

  /** What the call cost, once an interceptor has told; null where the price is unknown. */
  public @Nullable Cost cost() {
    return cost;
  }

  /** Tells what the call cost. */
  public void recordCost(Cost cost) {
    this.cost = cost;
  }

  /** Whether a cache answered. */
  public boolean cached() {
    return cached;
  }

  /** Tells that a cache answered: the call consumed nothing and cost nothing. */
  public void markCached() {
    this.cached = true;
    this.cost = Cost.ZERO;
  }

  private static ChatRequest effective(
      AgentOps ops, ChatRequest request, @Nullable ChatRequestParameters defaults) {
    if (defaults == null) { // a mocked model
      return request;
    }
    ChatRequest effective =
        ops.ask(
            "the default parameters of a model",
            () ->
                ChatRequest.builder()
                    .messages(request.messages())
                    .parameters(defaults.overrideWith(request.parameters()))
                    .build());
    return effective == null ? request : effective;
  }
}
