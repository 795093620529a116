package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of a chat model. */
public final class ModelCall extends ProviderCall {

  private final ChatRequest callerRequest;
  private volatile ChatRequest request;
  private volatile @Nullable ChatRequest redirected;
  private final boolean streaming;
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
    super(ops, callerContext, provider);
    this.callerRequest = request;
    this.request = effective(ops, request, defaults);
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
    return request.modelName();
  }

  /**
   * Asks for another model than the caller did, such as a cheaper one: the same request under
   * another name, at the same provider and client. For the {@code before} of an interceptor; has no
   * effect once the wrapped model is asked.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public void redirect(String modelName) {
    if (modelName.isBlank()) {
      throw new IllegalArgumentException(
          "the model to redirect to must not be blank: '" + modelName + "'");
    }
    ChatRequestParameters name = ChatRequestParameters.builder().modelName(modelName).build();
    redirected = under(callerRequest, name);
    request = under(request, name);
  }

  /** What the wrapped model is asked: the caller's own request, unless redirected. */
  ChatRequest outgoingRequest() {
    ChatRequest other = redirected;
    return other == null ? callerRequest : other;
  }

  /** The seed that the request asks to sample with; null where it has none that can be told. */
  public @Nullable Long seed() {
    return RequestReader.seed(request.parameters());
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

  /** Whether a cache answered. */
  public boolean cached() {
    return cached;
  }

  /** Tells that a cache answered: the call consumed nothing and cost nothing. */
  public void markCached() {
    this.cached = true;
    recordCost(Cost.ZERO);
  }

  private static ChatRequest under(ChatRequest request, ChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(request.messages())
        .parameters(request.parameters().overrideWith(parameters))
        .build();
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
