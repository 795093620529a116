package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.StreamDecorator;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream that is given up when it takes too long, after which its handler hears no more. */
final class TimedStream implements StreamDecorator {

  private final Timeouts timeouts;
  private final Clock clock;
  private final Context context;
  private final Attempt attempt;
  private final StreamingChatResponseHandler handler;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger inCallback = new AtomicInteger();
  private volatile long lastNanos;
  private volatile boolean started;
  private volatile @Nullable StreamingHandle handle;
  private volatile @Nullable Throwable thrownByHandler;
  private volatile Clock.@Nullable Timer silence;
  private volatile Clock.@Nullable Timer total;

  TimedStream(Timeouts timeouts, Context context, StreamingChatResponseHandler handler) {
    this.timeouts = timeouts;
    this.clock = timeouts.clock();
    this.context = context;
    this.attempt = Attempt.from(context);
    this.handler = handler;
    this.lastNanos = clock.nanoTime();
  }

  void start(Consumer<StreamingChatResponseHandler> ask) {
    Duration limit = timeouts.totalIn(context);
    if (limit != null && limit.isZero()) {
      giveUp("the deadline had passed", limit);
      return;
    }
    Context inside = attempt.context(Attributes.empty());
    if (limit != null) {
      inside = Deadline.after(limit, clock).in(inside);
      total =
          clock.schedule(
              limit, () -> Background.run(() -> giveUp("the stream had not ended after", limit)));
    }
    watch(timeouts.firstChunk());
    try (Scope ignored = inside.makeCurrent()) {
      ask.accept(this);
    } catch (Throwable t) {
      end();
      throw t;
    }
  }

  @Override
  public StreamingChatResponseHandler handler() {
    return handler;
  }

  @Override
  public void relay(Runnable callback) {
    if (!started) {
      started = true;
      lastNanos = clock.nanoTime();
      watch(timeouts.betweenChunks()); // the wait for the first chunk is over
    }
    deliver(callback);
  }

  @Override
  public void onUnmappedRawEvent(Object rawEvent) {
    deliver(() -> handler.onUnmappedRawEvent(rawEvent));
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    if (end()) {
      call(() -> handler.onCompleteResponse(response));
    }
  }

  @Override
  public void onError(Throwable error) {
    if (error == thrownByHandler) { // which LangChain4j reports and mostly streams on
      deliver(() -> handler.onError(error));
    } else if (end()) {
      call(() -> handler.onError(error));
    }
  }

  @Override
  public StreamingHandle handle(StreamingHandle original) {
    handle = original;
    return new StreamingHandle() {

      @Override
      public void cancel() {
        original.cancel();
        boolean unused = end();
      }

      @Override
      public boolean isCancelled() {
        return original.isCancelled();
      }
    };
  }

  private boolean end() {
    boolean ends = over.compareAndSet(false, true);
    cancelTimers();
    return ends;
  }

  private void cancelTimers() {
    cancel(silence);
    cancel(total);
  }

  private static void cancel(Clock.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void deliver(Runnable callback) {
    if (over.get()) {
      return;
    }
    inCallback.incrementAndGet();
    try {
      call(callback);
      thrownByHandler = null;
    } catch (Throwable t) {
      thrownByHandler = t;
      throw t;
    } finally {
      lastNanos = clock.nanoTime();
      inCallback.decrementAndGet();
    }
  }

  /** Calls the handler in the caller's context. */
  private void call(Runnable callback) {
    try (Scope ignored = context.makeCurrent()) {
      callback.run();
    }
  }

  private void watch(@Nullable Duration limit) {
    cancel(silence);
    if (limit != null) {
      silence = clock.schedule(limit, () -> checkSilence(limit));
      if (over.get()) { // meanwhile, and did not see it
        cancel(silence);
      }
    }
  }

  private void checkSilence(Duration limit) {
    Duration silent = Duration.ofNanos(clock.nanoTime() - lastNanos);
    if (over.get()) {
      return;
    }
    if (inCallback.get() > 0) { // a handler that takes its time is not silence
      silence = clock.schedule(limit, () -> checkSilence(limit));
    } else if (silent.compareTo(limit) < 0) {
      silence = clock.schedule(limit.minus(silent), () -> checkSilence(limit));
    } else {
      String what = started ? "the stream was silent for" : "the stream had not begun after";
      Background.run(() -> giveUp(what, limit));
    }
  }

  private void giveUp(String what, Duration limit) {
    if (!end()) {
      return;
    }
    CallTimeoutException timeout = new CallTimeoutException(what + ' ' + limit, limit);
    attempt.exchange().breakOff(timeout);
    StreamingHandle open = handle;
    if (open != null) {
      try {
        open.cancel();
      } catch (RuntimeException e) { // not every handle can
        timeout.addSuppressed(e);
      }
    }
    call(() -> handler.onError(timeout));
  }
}
