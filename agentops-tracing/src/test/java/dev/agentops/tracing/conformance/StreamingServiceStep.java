package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A call of an AI service that streams. */
final class StreamingServiceStep extends ServiceStep implements PlannedStreamingModel.Streaming {

  /** The service; the message is the id of the step. */
  interface Assistant {
    TokenStream chat(@UserMessage String message, ChatRequestParameters parameters);
  }

  private final boolean ownThread;
  private final AtomicInteger streams = new AtomicInteger();
  private final CompletableFuture<Void> finished = new CompletableFuture<>();

  StreamingServiceStep(
      Plan plan,
      List<List<ToolStep>> rounds,
      boolean concurrentTools,
      Fault fault,
      boolean ownThread) {
    super(plan, rounds, concurrentTools, fault);
    this.ownThread = ownThread;
  }

  @Override
  Class<?> type() {
    return Assistant.class;
  }

  @Override
  void expectOwn() {
    switch (fault) {
      case UNSTARTED -> own.abandonedIfAny();
      // whether an agent that answered failed when the callback did is a matter of taste
      case CALLBACK_THROWS, COMPLETION_THROWS, ERROR_CALLBACK_THROWS -> own.endsSomehow();
      default -> StreamedAnswer.expect(own, fault);
    }
  }

  @Override
  void expectFault(Expected chat) {
    StreamedAnswer.expect(chat, fault);
  }

  @Override
  boolean outlivesItsCall() {
    return true;
  }

  @Override
  void perform(Stage stage) {
    TokenStream stream = stage.streamingAssistant(concurrentTools).chat(id, Stage.parameters(id));
    if (fault == Fault.UNSTARTED) {
      return;
    }
    stream.onPartialResponseWithContext(
        (partial, context) -> {
          if (fault == Fault.CANCELLED) {
            Expected last = chats.get(chats.size() - 1);
            if (last.latestStart != null) { // the last round is being streamed
              last.earliestEnd = stage.tick();
              context.streamingHandle().cancel();
            }
          } else if (fault == Fault.CALLBACK_THROWS) {
            throw new PlannedException("callback");
          }
        });
    stream.onCompleteResponse(
        response -> {
          if (fault == Fault.COMPLETION_THROWS) {
            throw new PlannedException("completion");
          }
        });
    if (fault == Fault.FAILS_IGNORED) {
      stream.ignoreErrors();
    } else {
      stream.onError(
          error -> {
            if (fault == Fault.ERROR_CALLBACK_THROWS) {
              throw new PlannedException("error callback");
            }
          });
    }
    plan.pending(finished);
    stream.start();
    plan.await(finished);
  }

  @Override
  public void answer(ChatRequest request, StreamingChatResponseHandler handler, Stage stage) {
    streams.incrementAndGet(); // a later round begins inside of a callback of the one before
    new StreamedAnswer(
            plan, chatOf(request), isLast(request) ? fault : Fault.NONE, Body.empty(), ownThread)
        .begin(handler, answerTo(request), stage, this::streamEnded);
  }

  private void streamEnded() {
    if (streams.decrementAndGet() == 0) {
      finished.complete(null);
    }
  }

  @Override
  public boolean listenerThrows() {
    return fault == Fault.LISTENER_THROWS;
  }
}
