package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a chat model on a daemon thread of its own, which can be given up. There are as
 * many as callers that wait, and those whose client does not let go of its call.
 */
final class Background {

  private static final AtomicLong NUMBER = new AtomicLong();

  private final Attempt attempt;
  private final Thread thread;

  private Background(Attempt attempt, Thread thread) {
    this.attempt = attempt;
    this.thread = thread;
  }

  /**
   * Begins to ask.
   *
   * @param done is told of the answer or of the error, on that thread
   */
  static Background ask(
      Attempt attempt,
      Context context,
      Supplier<ChatResponse> ask,
      BiConsumer<@Nullable ChatResponse, @Nullable Throwable> done) {
    return new Background(
        attempt,
        run(
            () -> {
              ChatResponse response;
              try (Scope ignored = context.makeCurrent()) {
                response = ask.get();
              } catch (Throwable t) {
                done.accept(null, t);
                return;
              }
              done.accept(response, null);
            }));
  }

  /** Runs work that may block and must not hold up a clock. */
  static Thread run(Runnable work) {
    Thread thread = new Thread(work, "agentops-attempt-" + NUMBER.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Nobody waits for the answer any more.
   *
   * @param reason how the call ends, where it can be broken off
   */
  void giveUp(RuntimeException reason) {
    attempt.exchange().breakOff(reason);
    thread.interrupt(); // the JDK's HTTP client then lets go of the connection
  }
}
