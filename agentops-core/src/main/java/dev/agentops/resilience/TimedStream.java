package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.DeadlineExceededException;
import dev.agentops.DeadlinePassedException;
import dev.agentops.FaultLog;
import dev.agentops.Scope;
import dev.agentops.StreamDecorator;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream that is given up when it takes too long, after which its handler hears no more. */
final class TimedStream implements StreamDecorator {

  private static final FaultLog FAULTS = new FaultLog(TimedStream.class, Clock.system());

  private final Timeouts timeouts;
  private final Clock clock;
  private final Context context;
  private final Attempt attempt;
  private final StreamingChatResponseHandler handler;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> lastWord = new AtomicReference<>();
  private final AtomicInteger inCallback = new AtomicInteger();
  private @Nullable CallTimeoutException timeout; // set before the model is asked
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

  void start(StreamingChatModel model, Consumer<StreamingChatResponseHandler> ask) {
    Duration limit = timeouts.totalIn(context);
    if (limit != null && limit.isZero()) {
      askLate(model, ask);
      return;
    }
    Context inside = attempt.context(Attributes.empty());
    if (limit != null) {
      timeout = timeouts.timeout("the stream had not ended after " + limit, limit);
      CallTimeoutException inTotal = timeout;
      inside = Deadline.after(limit, clock).in(inside);
      total = clock.schedule(limit, () -> Background.run(() -> giveUp(inTotal)));
    }
    watch(timeouts.firstChunk());
    try (Scope ignored = inside.makeCurrent()) {
      ask.accept(this);
    } catch (Throwable t) {
      end();
      throw t;
    }
  }

  private void askLate(StreamingChatModel model, Consumer<StreamingChatResponseHandler> ask) {
    try {
      Timeouts.checkNotAsked(model);
    } catch (DeadlinePassedException refusal) {
      handler.onError(refusal);
      return;
    }
    ask.accept(handler);
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
      // the chain looks at the same deadline, and may be the first to see it pass
      CallTimeoutException own = error instanceof DeadlineExceededException ? timeout : null;
      call(() -> handler.onError(own == null ? error : Throwables.caused(own, error)));
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
    inCallback.incrementAndGet(); // before it looks, so that who gives up sees it coming
    try {
      if (!over.get()) {
        call(callback);
        thrownByHandler = null;
      }
    } catch (Throwable t) {
      thrownByHandler = t;
      throw t;
    } finally {
      lastNanos = clock.nanoTime();
      inCallback.decrementAndGet();
      sayLastWord();
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
      CallTimeoutException timeout = new CallTimeoutException(what + ' ' + limit, limit);
      Background.run(() -> giveUp(timeout));
    }
  }

  private void giveUp(CallTimeoutException timeout) {
    if (!end()) {
      return;
    }
    attempt.exchange().breakOff(timeout);
    StreamingHandle open = handle;
    if (open != null) {
      try {
        open.cancel();
      } catch (RuntimeException e) { // not every handle can
        timeout.addSuppressed(e);
      }
    }
    lastWord.set(timeout);
    sayLastWord();
  }

  /** Not beside a callback that is running. */
  private void sayLastWord() {
    Throwable error = inCallback.get() > 0 ? null : lastWord.getAndSet(null);
    if (error != null) {
      try {
        call(() -> handler.onError(error));
      } catch (Throwable t) {
        FAULTS.report("the handler of a stream that was given up", t);
      }
    }
  }
}
