package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import dev.agentops.Attempt;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Makes the attempts that a policy wants, one after the other on the caller's thread. */
final class Courses {

  private final Policy policy;
  private final Targets targets;

  private Courses(Policy policy, Targets targets) {
    this.policy = policy;
    this.targets = targets;
  }

  static ChatModel chat(Policy policy, List<ChatModel> models) {
    Targets targets = Targets.of(models);
    return new Decorated(targets, new Courses(policy, targets)::run);
  }

  static StreamingChatModel streaming(Policy policy, List<StreamingChatModel> models) {
    Targets targets = Targets.of(models);
    return new DecoratedStreaming(
        targets,
        (request, handler, ask) ->
            new StreamCourse(policy, new Caller(Context.current(), request, targets), handler, ask)
                .start());
  }

  private ChatResponse run(ChatRequest request, Decorated.Ask ask) {
    Caller caller = new Caller(Context.current(), request, targets);
    Course course = policy.begin(caller);
    Throwable last = null;
    Step step = course.next(null);
    while (step != null) {
      await(step, course, last);
      Attempt attempt = Attempt.from(caller.context());
      long start = policy.clock().nanoTime();
      ChatModel model = (ChatModel) targets.models().get(step.target());
      ChatResponse response;
      try (Scope ignored = course.context(attempt.context(step.attributes())).makeCurrent()) {
        response = ask.ask(model, caller.requestFor(step.target(), policy));
      } catch (Throwable t) {
        if (last != null) {
          Throwables.suppress(t, last);
        }
        last = t;
        step = next(course, new Failure(attempt, t, ErrorKind.of(t), since(start), false));
        continue;
      }
      course.answered(new Answered(attempt, since(start)));
      return response;
    }
    throw Throwables.sneak(last == null ? new IllegalStateException("no attempt") : last);
  }

  /** A refusal of the next attempt says why the one before was not enough. */
  private static @Nullable Step next(Course course, Failure failure) {
    try {
      return course.next(failure);
    } catch (Throwable refusal) {
      Throwables.suppress(refusal, failure.error());
      throw refusal;
    }
  }

  private Duration since(long start) {
    return Duration.ofNanos(policy.clock().nanoTime() - start);
  }

  private void await(Step step, Course course, @Nullable Throwable last) {
    if (step.delay().isZero()) {
      return;
    }
    CountDownLatch over = new CountDownLatch(1);
    Clock.Timer timer = policy.clock().schedule(step.delay(), over::countDown);
    ProviderExchange exchange = ProviderExchange.create(); // within the caller's
    try (ProviderExchange.Registration ignored = exchange.breakOffWith(over::countDown)) {
      over.await();
      RuntimeException reason = exchange.reason();
      if (reason != null) {
        timer.cancel();
        course.cancelled();
        throw last == null ? reason : Throwables.caused(reason, last);
      }
    } catch (InterruptedException e) {
      timer.cancel();
      course.cancelled();
      Thread.currentThread().interrupt();
      throw Throwables.sneak(
          last == null ? new AgentOpsException("interrupted before a model was asked", e) : last);
    }
  }
}
