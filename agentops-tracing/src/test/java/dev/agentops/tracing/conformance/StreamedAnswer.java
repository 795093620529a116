package dev.agentops.tracing.conformance;

import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.withLoggingExceptions;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;

/** One answer of a streaming provider, which treats its handler as LangChain4j's own ones do. */
final class StreamedAnswer {

  private final Plan plan;
  private final Expected span;
  private final Fault fault;
  private final Body inModel;
  private final boolean ownThread;

  /**
   * An answer.
   *
   * @param inModel what the model does before it returns
   * @param ownThread whether the callbacks come on a thread of the provider, or of the caller
   */
  StreamedAnswer(Plan plan, Expected span, Fault fault, Body inModel, boolean ownThread) {
    this.plan = plan;
    this.span = span;
    this.fault = fault;
    this.inModel = inModel;
    this.ownThread = ownThread;
  }

  /** Sets how such an answer ends a span of its own. */
  static void expect(Expected span, Fault fault) {
    switch (fault) {
      case REFUSED, REFUSED_LATER, FAILS_AT_ONCE, FAILS_MIDWAY, FAILS_IGNORED ->
          span.failsWith(PlannedException.class);
      case ERROR_CALLBACK_THROWS -> span.failsWith(PlannedException.class);
      case REFUSED_WITH_ERROR -> span.failsWith(PlannedError.class);
      case STALLS, CALLBACK_KILLS -> span.ends(RecordedSpan.Status.ERROR, Expected.ANY);
      case CANCELLED -> span.ends(RecordedSpan.Status.CANCELLED, null);
      default -> span.ends(RecordedSpan.Status.OK, null);
    }
  }

  /**
   * Streams, or refuses to.
   *
   * @param done called once the provider will make no more callbacks
   */
  void begin(
      StreamingChatResponseHandler handler, ChatResponse answer, Stage stage, Runnable done) {
    span.latestStart = stage.tick();
    try {
      inModel.run(stage, plan);
      (fault == Fault.REFUSED_LATER ? Fault.REFUSED : fault).strike("refused");
    } catch (Throwable t) {
      span.earliestEnd = stage.tick();
      done.run();
      throw t;
    }
    Runnable script =
        () -> {
          try {
            play(handler, answer, stage);
          } catch (PlannedException diesOnThread) {
            span.earliestEnd = stage.tick();
          } finally {
            if (!fault.silencesStream()) {
              span.latestEnd = stage.tick();
            }
            done.run();
          }
        };
    if (ownThread) {
      stage.provider().execute(script);
    } else {
      script.run();
    }
  }

  private void play(StreamingChatResponseHandler handler, ChatResponse answer, Stage stage) {
    Handle handle = new Handle();
    if (fault == Fault.FAILS_AT_ONCE) {
      fail(handler, stage);
      return;
    }
    if (fault == Fault.CALLBACK_KILLS) { // a careless provider
      handler.onPartialResponse(new PartialResponse("a "), new PartialResponseContext(handle));
    }
    chunk("a ", handler, handle);
    if (handle.isCancelled()) {
      return;
    }
    switch (fault) {
      case STALLS -> span.earliestEnd = stage.tick();
      case FAILS_MIDWAY, FAILS_IGNORED, ERROR_CALLBACK_THROWS -> fail(handler, stage);
      default -> complete(handler, answer, handle, stage);
    }
  }

  private void complete(
      StreamingChatResponseHandler handler, ChatResponse answer, Handle handle, Stage stage) {
    chunk("b", handler, handle);
    List<ToolExecutionRequest> tools = answer.aiMessage().toolExecutionRequests();
    for (int i = 0; i < tools.size(); i++) {
      handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
    }
    span.earliestEnd = stage.tick();
    InternalStreamingChatResponseHandlerUtils.onCompleteResponse(handler, answer);
  }

  private static void chunk(String text, StreamingChatResponseHandler handler, Handle handle) {
    InternalStreamingChatResponseHandlerUtils.onPartialResponse(handler, text, handle);
  }

  private void fail(StreamingChatResponseHandler handler, Stage stage) {
    span.earliestEnd = stage.tick();
    withLoggingExceptions(() -> handler.onError(new PlannedException("midway")));
  }

  private static final class Handle implements StreamingHandle {

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
