package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call of a streaming model with the user's own handler. */
final class StreamStep extends Step implements PlannedStreamingModel.Streaming {

  private final Body inCallback;
  private final boolean ownThread;
  private final boolean awaited;
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private final CompletableFuture<Void> told = new CompletableFuture<>();

  /**
   * A stream.
   *
   * @param body what the model does before it returns
   * @param inCallback what the user does when the first chunk comes: work of the caller
   * @param ownThread whether the callbacks come on a thread of the provider, or of the caller
   * @param awaited whether the caller waits for the end
   */
  StreamStep(
      Plan plan, Body body, Body inCallback, Fault fault, boolean ownThread, boolean awaited) {
    super(plan, body, fault);
    this.inCallback = inCallback;
    this.ownThread = ownThread;
    this.awaited = awaited;
  }

  StreamStep(Plan plan, Fault fault) {
    this(plan, Body.empty(), Body.empty(), fault, true, true);
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    expect(parent, "chat", carrier);
    if (body.thrown() == null) {
      StreamedAnswer.expect(own, fault);
    }
    own.noted(
        "streamed, "
            + fault
            + " "
            + carrier
            + (ownThread ? " own thread" : " caller's thread")
            + (awaited ? "" : " not awaited"));
    inCallback.expect(parent);
  }

  @Override
  boolean outlivesItsCall() {
    return true;
  }

  @Override
  void perform(Stage stage) {
    if (fault.silencesStream()) {
      plan.stalled(told);
    } else {
      plan.pending(finished);
    }
    stage.streaming().chat(Stage.request(id), new Handler(stage));
    if (awaited && !fault.silencesStream()) {
      plan.await(finished);
    }
  }

  @Override
  public void answer(ChatRequest request, StreamingChatResponseHandler handler, Stage stage) {
    new StreamedAnswer(plan, own, fault, body, ownThread)
        .begin(handler, Stage.answer("done"), stage, () -> finished.complete(null));
  }

  @Override
  public boolean listenerThrows() {
    return fault == Fault.LISTENER_THROWS;
  }

  private final class Handler implements StreamingChatResponseHandler {

    private final Stage stage;
    private final AtomicBoolean first = new AtomicBoolean(true);

    Handler(Stage stage) {
      this.stage = stage;
    }

    @Override
    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
      if (!first.getAndSet(false)) {
        return;
      }
      inCallback.run(stage, plan);
      switch (fault) {
        case CANCELLED -> {
          own.earliestEnd = stage.tick();
          context.streamingHandle().cancel();
        }
        case CALLBACK_THROWS, CALLBACK_KILLS -> throw new PlannedException("callback");
        default -> {}
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      if (fault == Fault.COMPLETION_THROWS) {
        throw new PlannedException("completion");
      }
    }

    @Override
    public void onError(Throwable error) {
      told.complete(null);
      if (fault == Fault.ERROR_CALLBACK_THROWS) {
        throw new PlannedException("error callback");
      }
    }
  }
}
