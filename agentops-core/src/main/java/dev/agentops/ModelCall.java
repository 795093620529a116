package dev.agentops;

import dev.agentops.event.CallStatus;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One call of a chat model. */
public final class ModelCall extends ProviderCall {

  private static final int MOST_FOLLOWED = 2;

  private static final Key<LiveAnswer> SHARED = Key.of("answer that others follow");

  private final ChatRequest callerRequest;
  private volatile ChatRequest request;
  private volatile @Nullable ChatRequest redirected;
  private final boolean streaming;
  private volatile @Nullable CachedAnswer cached;
  private volatile @Nullable UsageReport saved;
  private volatile @Nullable LiveAnswer shared;
  private volatile @Nullable Following following;
  private volatile int followed;
  private volatile @Nullable LiveAnswer overdue;
  private volatile boolean alone;
  private volatile @Nullable Billed billed;

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
  @Override
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
    return TokenEstimate.byLength().of(request);
  }

  /**
   * A guess at the output tokens, by the same rule, where the provider told no usage: of the answer
   * with its thinking and tool calls, else of what was streamed of these.
   */
  public long estimatedOutputTokens(Outcome<ChatResponse> outcome) {
    return output(TokenEstimate.byLength(), outcome);
  }

  /**
   * What the provider bills for the call, as far as that can be told: its own {@link #report()} or,
   * where that lacks the input or the output, as it does for a stream that was cancelled or broke,
   * these counted by the {@link TokenCounter} from the request and what was delivered, text,
   * thinking and tool calls. The {@link UsageReport#gaps()} name what was counted.
   *
   * @return null where the model was not asked, or failed without a word
   */
  public @Nullable UsageReport billedReport(Outcome<ChatResponse> outcome) {
    Billed known = billed;
    if (known == null || known.outcome != outcome) { // a tokenizer takes its time
      known = new Billed(outcome, computeBilled(outcome));
      billed = known;
    }
    return known.report;
  }

  private @Nullable UsageReport computeBilled(Outcome<ChatResponse> outcome) {
    UsageReport told = report();
    boolean asked =
        outcome.status() != CallStatus.REJECTED && !outcome.shortCircuited() && !isFollowing();
    ChatResponse response = outcome.response();
    if (told == null && (!asked || (response == null && outcome.delivered().isEmpty()))) {
      return null;
    }
    UsageReport.Builder report =
        told == null
            ? UsageReport.builder().gap(UsageGap.INPUT).gap(UsageGap.OUTPUT)
            : told.toBuilder();
    Set<UsageGap> gaps = report.build().gaps();
    Usage usage = told == null ? Usage.none() : told.usage();
    TokenEstimate estimate = TokenEstimate.byTokenizer(ops(), modelName());
    if (gaps.contains(UsageGap.INPUT)) {
      usage = usage.plus(Usage.of(estimate.of(request), 0));
    }
    if (gaps.contains(UsageGap.OUTPUT)) {
      usage = usage.plus(Usage.of(0, output(estimate, outcome)));
    }
    return report.usage(usage).build();
  }

  private static long output(TokenEstimate estimate, Outcome<ChatResponse> outcome) {
    ChatResponse response = outcome.response();
    return response == null ? estimate.of(outcome.delivered()) : estimate.of(response.aiMessage());
  }

  /** Whether a cache answered, or another call that this one followed. */
  public boolean cached() {
    return cached != null;
  }

  /** Where the answer came from that no model had to give; null where one had to. */
  public @Nullable CachedAnswer cachedAnswer() {
    return cached;
  }

  /** Tells that a cache answered: the call consumed nothing and cost nothing. */
  public void markCached() {
    markCached(CachedAnswer.builder().build());
  }

  /** As {@link #markCached()}, with what is known of the answer. */
  public void markCached(CachedAnswer answer) {
    this.saved = answer.savedReport().orElse(null);
    this.cached = answer;
    recordCost(Cost.ZERO);
  }

  /**
   * Lets other calls follow this one, from now on; for the {@code before} of an interceptor. What
   * the model answers is kept as it arrives, and streamed on to those who follow even when this
   * call's own caller cancels; then this call ends with the stream.
   */
  public LiveAnswer share() {
    LiveAnswer mine = shared;
    if (mine == null) {
      mine = new LiveAnswer(callerContext().get(SHARED));
      addToContext(SHARED, mine);
      shared = mine;
    }
    return mine;
  }

  /**
   * Gives this call the answer of another one, in place of asking the model; for the {@code before}
   * of an interceptor, which then returns null. A stream gets every chunk from the first one on, on
   * threads of agentops; a call that does not stream waits for the end, for {@link
   * AgentOps.Builder#firstChunkTimeout} at most.
   *
   * <p>An answer costs this call nothing, which is {@linkplain #cached() cached} then. An error of
   * the model is this call's, too. Where the other call is refused, cancelled or interrupted, fails
   * by its own handler, or has brought nothing within {@link AgentOps.Builder#firstChunkTimeout},
   * the interceptor's {@code before} is called again, for this call to take its place, to follow
   * another one or to go on. No call follows more than two, so that none waits for one after the
   * other.
   *
   * @return false where there is nothing to follow: the other call {@linkplain LiveAnswer#isOver()
   *     is over} or {@linkplain #isOverdue overdue}, this one is a part of it, or has followed two
   *     already; the interceptor goes on
   */
  public boolean follow(LiveAnswer other) {
    LiveAnswer around = callerContext().get(SHARED);
    if (alone
        || followed == MOST_FOLLOWED
        || isOverdue(other)
        || (around != null && around.isPartOf(other))) {
      return false;
    }
    following = other.join();
    followed += following == null ? 0 : 1;
    return following != null;
  }

  /**
   * Whether this call has followed that one for as long as it waits and got nothing, so that it
   * should take its place.
   */
  public boolean isOverdue(LiveAnswer other) {
    return overdue == other;
  }

  @Override
  boolean isFollowing() {
    return following != null;
  }

  @Nullable Following following() {
    return following;
  }

  /** It has to ask the model itself after all. */
  void stopFollowing() {
    Following left = following;
    following = null;
    if (left != null) {
      left.leave();
    }
  }

  /** What it follows has brought nothing in time. */
  void waitedInVain() {
    Following place = following;
    overdue = place == null ? null : place.source();
  }

  /** Nor does it follow any other from now on. */
  void goAlone() {
    alone = true;
  }

  /** What others follow while the model answers this call; null for nothing. */
  @Nullable LiveAnswer recorded() {
    return isFollowing() ? null : shared;
  }

  @Override
  void ended(Outcome<?> outcome) {
    Following left = following;
    if (left != null) {
      left.leave();
    }
    LiveAnswer mine = shared;
    if (mine != null) {
      mine.end(outcome, report() == null ? saved : report(), savedOrOwnCost());
    }
  }

  /** What a new answer would have cost. */
  private @Nullable Cost savedOrOwnCost() {
    CachedAnswer answer = cached;
    return answer == null ? cost() : answer.savedCost().orElse(null);
  }

  /**
   * What a cached answer consumed when a model gave it, and saves now; null for other calls, and
   * where the cached answer does not tell.
   */
  public @Nullable UsageReport savedReport() {
    return saved;
  }

  @Nullable Usage savedUsage() {
    UsageReport told = saved;
    return told == null ? null : told.usage();
  }

  /** What the cached answer itself tells, unless the cache knew more. */
  void recordSaved(@Nullable UsageReport report) {
    if (saved == null) {
      this.saved = report;
    }
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

  /** What was counted for an outcome. */
  private record Billed(Outcome<ChatResponse> outcome, @Nullable UsageReport report) {}
}
