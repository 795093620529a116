package dev.agentops;

import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to the handler of a stream: in the caller's context, until it is shut, and then with one
 * last error at most, which waits for a callback that is running. Thread-safe.
 */
final class HandlerGate {

  private final AgentOps ops;
  private final ModelCall call;
  private final StreamingChatResponseHandler handler;
  private final BooleanSupplier isShut;
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> lastWord = new AtomicReference<>();
  private volatile long lastNanos;

  /**
   * A gate to this handler.
   *
   * @param isShut once it says so, nothing more passes
   */
  HandlerGate(
      AgentOps ops, ModelCall call, StreamingChatResponseHandler handler, BooleanSupplier isShut) {
    this.ops = ops;
    this.call = call;
    this.handler = handler;
    this.isShut = isShut;
    this.lastNanos = ops.clock().nanoTime();
  }

  /** Calls the handler, unless shut; a handler that takes its time is not silence. */
  void run(Runnable callback) {
    inside.incrementAndGet(); // before it looks, so that who has the last word sees it coming
    try {
      if (!isShut.getAsBoolean()) {
        callInContext(callback);
      }
    } finally {
      lastNanos = ops.clock().nanoTime();
      if (inside.decrementAndGet() == 0) {
        sayLastWord();
      }
    }
  }

  /** Tells the handler of an error through the shut gate. Never throws. */
  void lastWord(Throwable error) {
    lastWord.set(error);
    if (!isBusy()) {
      sayLastWord();
    }
  }

  /** Whether the handler is at work. */
  boolean isBusy() {
    return inside.get() > 0;
  }

  /** When the handler was last done, or something came that it was not told. */
  long lastNanos() {
    return lastNanos;
  }

  /** It counts as done now. */
  void touch() {
    lastNanos = ops.clock().nanoTime();
  }

  private void callInContext(Runnable callback) {
    LiveAnswer live = call.recorded();
    if (live != null) {
      live.handlingBegins();
    }
    try (Scope ignored = call.callerContext().makeCurrent()) {
      callback.run();
    } finally {
      if (live != null) {
        live.handlingEnds(ops.clock().nanoTime());
      }
    }
  }

  private void sayLastWord() {
    Throwable error = lastWord.getAndSet(null);
    if (error != null) {
      ops.attempt(
          "the handler of a stream that was cut off",
          () -> {
            try (Scope ignored = call.callerContext().makeCurrent()) {
              handler.onError(error);
            }
          });
    }
  }
}
