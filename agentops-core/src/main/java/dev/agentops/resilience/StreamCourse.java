package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.Clock;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.agentops.StreamDecorator;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes the attempts that a policy wants at streams, for one call. No thread waits between them; an
 * attempt that comes later than at once begins on a thread of its own.
 *
 * <p>The caller's handler is called in the caller's context, gets chunks of one attempt only, and
 * one end.
 */
final class StreamCourse {

  private final Policy policy;
  private final Caller caller;
  private final StreamingChatResponseHandler handler;
  private final DecoratedStreaming.Ask ask;
  private final Course course;

  /** Of the attempt before; attempts follow one another. */
  private volatile @Nullable Throwable last;

  StreamCourse(
      Policy policy,
      Caller caller,
      StreamingChatResponseHandler handler,
      DecoratedStreaming.Ask ask) {
    this.policy = policy;
    this.caller = caller;
    this.handler = handler;
    this.ask = ask;
    this.course = policy.begin(caller);
  }

  void start() {
    go(null, true);
  }

  private void go(@Nullable Failure failure, boolean onCallersThread) {
    Step step;
    try {
      step = course.next(failure);
    } catch (Throwable refusal) {
      fail(refusal);
      return;
    }
    if (step == null) {
      fail(failure == null ? new IllegalStateException("no attempt") : failure.error());
    } else if (step.delay().isZero()) {
      attempt(step, onCallersThread);
    } else {
      attemptLater(step);
    }
  }

  private void attemptLater(Step step) {
    ProviderExchange exchange = Attempt.from(caller.context()).exchange();
    AtomicBoolean waiting = new AtomicBoolean(true);
    AtomicReference<ProviderExchange.@Nullable Registration> hears = new AtomicReference<>();
    Clock.Timer timer =
        policy
            .clock()
            .schedule(
                step.delay(),
                () -> {
                  if (waiting.compareAndSet(true, false)) {
                    close(hears.get());
                    Background.run(() -> attempt(step, false));
                  }
                });
    hears.set(
        exchange.breakOffWith(
            () -> {
              if (waiting.compareAndSet(true, false)) {
                timer.cancel();
                Background.run(() -> brokenOff(exchange.reason()));
              }
            }));
    if (!waiting.get()) {
      close(hears.get());
    }
  }

  private void brokenOff(@Nullable RuntimeException reason) {
    course.cancelled();
    Throwable earlier = last;
    RuntimeException told = Objects.requireNonNull(reason, "reason");
    fail(earlier == null ? told : Throwables.caused(told, earlier));
  }

  private static void close(ProviderExchange.@Nullable Registration registration) {
    if (registration != null) {
      registration.close();
    }
  }

  private void attempt(Step step, boolean onCallersThread) {
    Relay relay = new Relay(Attempt.from(caller.context()));
    StreamingChatModel model = (StreamingChatModel) caller.targets().models().get(step.target());
    try (Scope ignored = course.context(relay.attempt.context(step.attributes())).makeCurrent()) {
      ask.ask(model, caller.requestFor(step.target(), policy), relay);
    } catch (Throwable t) {
      if (relay.isOfHandler(t) && onCallersThread) {
        relay.settle(course::cancelled);
        throw t;
      }
      relay.onError(t); // as if it had come later: whoever streams waits for a callback
    }
  }

  private void fail(Throwable error) {
    Throwable earlier = last;
    if (earlier != null) {
      Throwables.suppress(error, earlier);
    }
    try (Scope ignored = caller.context().makeCurrent()) {
      handler.onError(error);
    }
  }

  /** Stands between an attempt and the caller's handler. */
  private final class Relay implements StreamDecorator {

    private final Attempt attempt;
    private final long start = policy.clock().nanoTime();
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean delivered;
    private volatile @Nullable Throwable thrownByHandler;

    Relay(Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public StreamingChatResponseHandler handler() {
      return handler;
    }

    @Override
    public void relay(Runnable callback) {
      if (!over.get()) {
        delivered = true;
        deliver(callback);
      }
    }

    /** No part of the answer: providers send some before they fail. */
    @Override
    public void onUnmappedRawEvent(Object rawEvent) {
      if (!over.get()) {
        deliver(() -> handler.onUnmappedRawEvent(rawEvent));
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      if (over.compareAndSet(false, true)) {
        settle(() -> course.answered(new Answered(attempt, took())));
        deliver(() -> handler.onCompleteResponse(response));
      }
    }

    @Override
    public void onError(Throwable error) {
      if (isOfHandler(error)) {
        // LangChain4j tells the handler what it threw itself, and mostly streams on
        settle(course::cancelled);
        deliver(() -> handler.onError(error));
      } else if (over.compareAndSet(false, true)) {
        if (settled.compareAndSet(false, true)) {
          Failure failure = new Failure(attempt, error, ErrorKind.of(error), took(), delivered);
          Throwable earlier = last;
          if (earlier != null) {
            Throwables.suppress(error, earlier);
          }
          last = error;
          go(failure, false);
        } else { // after the caller's cancel
          fail(error);
        }
      }
    }

    @Override
    public StreamingHandle handle(StreamingHandle original) {
      return new StreamingHandle() {

        @Override
        public void cancel() {
          settle(course::cancelled); // first: a provider may report its own closing as an error
          original.cancel();
        }

        @Override
        public boolean isCancelled() {
          return original.isCancelled();
        }
      };
    }

    boolean isOfHandler(Throwable error) {
      return error == thrownByHandler;
    }

    void settle(Runnable end) {
      if (settled.compareAndSet(false, true)) {
        end.run();
      }
    }

    private void deliver(Runnable callback) {
      try (Scope ignored = caller.context().makeCurrent()) {
        callback.run();
        thrownByHandler = null;
      } catch (Throwable t) {
        thrownByHandler = t;
        throw t;
      }
    }

    private Duration took() {
      return Duration.ofNanos(policy.clock().nanoTime() - start);
    }
  }
}
