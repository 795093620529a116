package dev.agentops;

import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Relays a stream to the caller's handler, each callback to its own overload, and ends the call
 * exactly once.
 *
 * <p>The call ends with whichever comes first: the complete response, an error, the caller's
 * cancel, silence, the deadline, or whoever breaks off its {@link ProviderExchange}. It ends before
 * the handler hears of it, because a handler may start the agent's next step right there. After
 * silence, the deadline and a break-off the stream is cut off: the handler gets its error, after
 * the callback that is running, and hears no more. In all other cases callbacks are relayed as they
 * come, even if the provider breaks its promises.
 */
final class StreamRelay implements StreamingChatResponseHandler {

  private enum End {
    NORMAL,
    CUT_OFF
  }

  private final AgentOps ops;
  private final ModelCall call;

  /** The run of an agent whose next step this stream is, which fails with it; null for none. */
  private final @Nullable AgentCall agent;

  private final StreamingChatResponseHandler handler;
  private final HandlerGate gate;
  private final Clock clock;
  private final long startNanos;
  private final Alarm alarm;
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private final ChunkTimes chunkTimes = new ChunkTimes();
  private final StreamedParts parts = new StreamedParts();
  private volatile long firstChunkNanos;
  private volatile boolean started;

  /** Takes over where what the call follows brings nothing; null where it follows none. */
  private volatile @Nullable Runnable whenInVain;

  private volatile boolean cancelling;

  /** The caller has cancelled, and others who follow the call want the rest. */
  private volatile boolean onlyForOthers;

  private volatile @Nullable Handle handle;

  /** What the last callback of the handler threw; null when it went well. */
  private volatile @Nullable Throwable thrownByHandler;

  /**
   * The thread on which the provider told the handler what it had thrown itself; null when it has
   * not.
   */
  private volatile @Nullable Thread toldItsOwn;

  private volatile @Nullable DeadlineWatch deadline;
  private volatile ProviderExchange.@Nullable Registration breakOff;

  StreamRelay(
      AgentOps ops,
      ModelCall call,
      @Nullable AgentCall agent,
      StreamingChatResponseHandler handler) {
    this.ops = ops;
    this.call = call;
    this.agent = agent;
    this.handler = handler;
    this.gate =
        new HandlerGate(ops, call, handler, () -> onlyForOthers || end.get() == End.CUT_OFF);
    this.clock = ops.clock();
    this.alarm = new Alarm(clock, this::checkSilence);
    this.startNanos = clock.nanoTime();
  }

  /** Begins: from now on the stream ends by itself, whatever the provider does. */
  void start() {
    breakOff = call.exchange().breakOffWith(this::cutOffIfBrokenOff);
    deadline = DeadlineWatch.of(call, this::cutOffAtDeadline);
    if (hasEnded()) { // meanwhile, and saw neither of them
      release();
    }
  }

  /**
   * Waits for silence anew.
   *
   * @param whenInVain takes over if no chunk comes in time; null to fail then
   */
  void watch(@Nullable Runnable whenInVain) {
    this.whenInVain = whenInVain;
    gate.touch();
    alarm.set(ops.firstChunkTimeout());
  }

  /**
   * The model has returned from being asked, as one that streams in the background does at once.
   */
  void returned() {
    Throwable thrown = thrownByHandler;
    if (thrown != null
        && toldItsOwn
            == Thread.currentThread()) { // and one that streamed right here, and stopped at it
      end(Outcome.failed(thrown));
    }
  }

  /** Ends the call, unless it has ended, which returns false. */
  boolean end(Outcome<ChatResponse> outcome) {
    boolean ends = end.compareAndSet(null, End.NORMAL);
    if (ends) {
      settle(outcome);
    }
    return ends;
  }

  boolean hasEnded() {
    return end.get() != null;
  }

  @Override
  public void onPartialResponse(String partial) {
    parts.addText(partial);
    record(() -> StreamChunk.text(partial));
    relayChunk(() -> handler.onPartialResponse(partial));
  }

  @Override
  public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    PartialResponseContext mine = new PartialResponseContext(handle(context.streamingHandle()));
    parts.addText(partial.text());
    record(() -> StreamChunk.text(partial.text()));
    relayChunk(() -> handler.onPartialResponse(partial, mine));
  }

  @Override
  public void onPartialThinking(PartialThinking partial) {
    parts.addThinking(partial.text());
    record(() -> StreamChunk.thinking(partial.text()));
    relayChunk(() -> handler.onPartialThinking(partial));
  }

  @Override
  public void onPartialThinking(PartialThinking partial, PartialThinkingContext context) {
    PartialThinkingContext mine = new PartialThinkingContext(handle(context.streamingHandle()));
    parts.addThinking(partial.text());
    record(() -> StreamChunk.thinking(partial.text()));
    relayChunk(() -> handler.onPartialThinking(partial, mine));
  }

  @Override
  public void onPartialToolCall(PartialToolCall partial) {
    parts.addToolCall(partial);
    record(() -> StreamChunk.toolCall(partial));
    relayChunk(() -> handler.onPartialToolCall(partial));
  }

  @Override
  public void onPartialToolCall(PartialToolCall partial, PartialToolCallContext context) {
    PartialToolCallContext mine = new PartialToolCallContext(handle(context.streamingHandle()));
    parts.addToolCall(partial);
    record(() -> StreamChunk.toolCall(partial));
    relayChunk(() -> handler.onPartialToolCall(partial, mine));
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall complete) {
    // concurrent tools start here, before the response is complete
    call.toolCallsAnnounced = true;
    parts.addToolCall(complete);
    record(() -> StreamChunk.toolCall(complete));
    ops.toolCallOrigins().remember(complete.toolExecutionRequest(), call);
    relay(() -> handler.onCompleteToolCall(complete));
  }

  @Override
  public void onUnmappedRawEvent(Object rawEvent) {
    relay(() -> handler.onUnmappedRawEvent(rawEvent));
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    end(call.isFollowing() ? Outcome.shortCircuited(response) : Outcome.answered(response));
    try {
      gate.run(() -> handler.onCompleteResponse(response));
    } catch (Throwable t) {
      if (agent != null) { // its tools or its next question failed, and nobody will be told
        agent.end(Outcome.failed(t));
      }
      throw t;
    }
  }

  @Override
  public void onError(Throwable error) {
    if (error == thrownByHandler) {
      // LangChain4j reports what a callback of the handler threw back to the handler and streams
      // on: the call goes on, too, and its usage comes
      toldItsOwn = Thread.currentThread();
    } else if (call.brokenOff() != null) {
      cutOffIfBrokenOff(); // the client's word for it
    } else {
      end(cancelling ? Outcome.cancelled() : Outcome.failed(error));
    }
    gate.run(() -> handler.onError(error));
  }

  private void settle(Outcome<ChatResponse> outcome) {
    release();
    Duration first = started ? Duration.ofNanos(firstChunkNanos - startNanos) : null;
    LiveAnswer live = call.recorded();
    if (live != null && isHandlersFault(outcome)) {
      live.failedByHandler();
    }
    ops.chains().models().finish(call, outcome.with(chunkTimes.streamed(first, parts.delivered())));
    if (agent != null && (onlyForOthers || outcome.status() != CallStatus.OK)) {
      Throwable error = onlyForOthers ? null : outcome.error();
      agent.end(error == null ? Outcome.cancelled() : Outcome.failed(error));
    }
  }

  private void release() {
    alarm.off();
    DeadlineWatch watching = deadline;
    if (watching != null) {
      watching.close();
    }
    ProviderExchange.Registration registered = breakOff;
    if (registered != null) {
      registered.close();
    }
  }

  /** Whether a stream breaks off because of what the last callback threw. */
  private boolean isHandlersFault(Outcome<ChatResponse> outcome) {
    Throwable thrown = thrownByHandler;
    return thrown != null && (outcome.error() == thrown || end.get() == End.CUT_OFF);
  }

  /** Keeps a chunk for those who follow; before the handler gets it, which may take its time. */
  private void record(Supplier<StreamChunk> chunk) {
    LiveAnswer live = call.recorded();
    if (live != null && !hasEnded()) {
      ops.attempt("a chunk for those that follow a call", () -> live.add(chunk.get()));
    }
  }

  private void relayChunk(Runnable callback) {
    chunkTimes.add(clock.nanoTime() - gate.lastNanos());
    relay(callback);
  }

  private void relay(Runnable callback) {
    if (!started) {
      firstChunkNanos = clock.nanoTime();
      gate.touch();
      started = true;
      alarm.set(ops.idleTimeout()); // the longer wait for the first chunk is over
    }
    try {
      gate.run(callback);
      thrownByHandler = null;
      toldItsOwn = null;
    } catch (Throwable t) {
      thrownByHandler = t;
      throw t;
    }
  }

  private StreamingHandle handle(StreamingHandle original) {
    Handle known = handle;
    if (known == null || known.original != original) {
      known = new Handle(original);
      handle = known;
    }
    return known;
  }

  private void checkSilence() {
    if (end.get() != null) {
      return;
    }
    Duration limit = started ? ops.idleTimeout() : ops.firstChunkTimeout();
    Following following = call.following();
    long now = clock.nanoTime();
    Duration silence =
        Duration.ofNanos(
            following == null
                ? now - gate.lastNanos()
                : following.source().silenceNanos(gate.lastNanos(), now));
    Runnable takeOver = whenInVain;
    if (gate.isBusy()) {
      alarm.set(limit);
    } else if (silence.compareTo(limit) < 0) {
      alarm.set(limit.minus(silence));
    } else if (following != null && !started && takeOver != null) {
      whenInVain = null;
      OwnThread.run("stream-timeout", takeOver);
    } else if (end.compareAndSet(null, End.CUT_OFF)) {
      OwnThread.run("stream-timeout", () -> cutOff(silent(silence)));
    }
  }

  /** Others who follow the call may have more time. */
  private void cutOffAtDeadline() {
    DeadlineExceededException reason = call.deadlineExceeded();
    LiveAnswer live = call.recorded();
    if (live != null && live.goOnForOthers(() -> call.exchange().breakOff(reason))) {
      onlyForOthers = true;
      gate.lastWord(reason);
    } else {
      call.exchange().breakOff(reason);
    }
  }

  private void cutOffIfBrokenOff() {
    RuntimeException reason = call.brokenOff();
    if (reason != null && end.compareAndSet(null, End.CUT_OFF)) {
      cutOff(reason);
    }
  }

  private void cutOff(RuntimeException reason) {
    Throwable earlier = thrownByHandler;
    boolean knows =
        earlier != null
            && toldItsOwn
                != null; // the provider stopped because of what the handler threw, and told it
    Throwable error = earlier != null && knows ? earlier : reason;
    Handle open = handle;
    if (open != null) {
      ops.attempt("cancelling a stream", open.original::cancel); // not every handle can
    }
    call.exchange().breakOff(reason);
    settle(error == reason ? Outcome.brokenOff(reason) : Outcome.failed(error));
    if (!knows && !onlyForOthers) {
      gate.lastWord(error);
    }
  }

  private StreamTimeoutException silent(Duration silence) {
    return new StreamTimeoutException(
        "the stream of "
            + call.modelName()
            + " was silent for "
            + silence
            + (started ? "" : " from the start"),
        silence);
  }

  /**
   * The provider's handle, which also ends the call: a cancelled stream makes no further callback.
   */
  private final class Handle implements StreamingHandle {

    private final StreamingHandle original;

    Handle(StreamingHandle original) {
      this.original = original;
    }

    @Override
    public void cancel() {
      LiveAnswer live = call.recorded();
      if (live == null
          || !live.goOnForOthers(() -> ops.attempt("cancelling a stream", this::stop))) {
        stop();
        return;
      }
      onlyForOthers = true; // a run of an agent ends with the call, which it has to pay for
    }

    private void stop() {
      cancelling = true; // a provider may report its own closing as an error
      try {
        original.cancel();
      } catch (Throwable t) { // cannot be cancelled: the stream goes on
        cancelling = false;
        throw t;
      }
      end(Outcome.cancelled());
    }

    @Override
    public boolean isCancelled() {
      return onlyForOthers || original.isCancelled();
    }
  }
}
