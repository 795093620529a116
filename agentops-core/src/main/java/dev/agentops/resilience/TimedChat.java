package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import dev.agentops.Attempt;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Lets a chat model answer on another thread, and waits for it so long. */
final class TimedChat {

  private final Timeouts timeouts;
  private final ChatModel model;

  TimedChat(Timeouts timeouts, ChatModel model) {
    this.timeouts = timeouts;
    this.model = model;
  }

  ChatResponse run(ChatRequest request, Decorated.Ask ask) {
    Context context = Context.current();
    Duration limit = timeouts.totalIn(context);
    if (limit == null) {
      return ask.ask(model, request);
    }
    if (limit.isZero()) {
      Timeouts.checkNotAsked(model);
      return ask.ask(model, request);
    }
    CallTimeoutException timeout =
        timeouts.timeout("the model has not answered within " + limit, limit);
    Deadline deadline = Deadline.after(limit, timeouts.clock());
    Attempt attempt = Attempt.from(context);
    CompletableFuture<@Nullable ChatResponse> answer = new CompletableFuture<>();
    Background work =
        Background.ask(
            attempt,
            deadline.in(attempt.context(Attributes.empty())),
            () -> ask.ask(model, request),
            (response, error) -> {
              if (error == null) {
                answer.complete(response);
              } else {
                boolean refused = error instanceof CallRejectedException;
                answer.completeExceptionally(
                    deadline.hasPassed() && !refused ? Throwables.caused(timeout, error) : error);
              }
            });
    Clock.Timer timer =
        timeouts.clock().schedule(limit, () -> answer.completeExceptionally(timeout));
    try {
      return await(answer, work, timeout);
    } finally {
      timer.cancel();
    }
  }

  private static ChatResponse await(
      CompletableFuture<@Nullable ChatResponse> answer,
      Background work,
      CallTimeoutException timeout) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      Throwable error = e.getCause() == null ? e : e.getCause();
      if (error == timeout) {
        work.giveUp(timeout);
      }
      throw Throwables.sneak(error);
    } catch (InterruptedException e) {
      AgentOpsException interrupted =
          new AgentOpsException("interrupted while a model was asked", e);
      work.giveUp(interrupted);
      Thread.currentThread().interrupt();
      throw interrupted;
    }
  }
}
