package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import dev.agentops.Attempt;
import dev.agentops.Clock;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call, asked a second time if the first answer is slow. */
final class HedgedChat {

  private final Hedge hedge;
  private final Latencies latencies;
  private final Caller caller;
  private final CompletableFuture<@Nullable ChatResponse> answer = new CompletableFuture<>();
  private final List<Background> attempts = new ArrayList<>(); // guarded by this
  private int running; // guarded by this
  private @Nullable Throwable told; // guarded by this

  HedgedChat(Hedge hedge, Latencies latencies, Caller caller) {
    this.hedge = hedge;
    this.latencies = latencies;
    this.caller = caller;
  }

  ChatResponse run(Supplier<ChatResponse> ask) {
    long start = hedge.clock().nanoTime();
    Duration delay = hedge.begin(latencies);
    ChatResponse response = delay == null ? ask.get() : race(delay, ask);
    latencies.add(Duration.ofNanos(hedge.clock().nanoTime() - start));
    return response;
  }

  private ChatResponse race(Duration delay, Supplier<ChatResponse> ask) {
    attempt(ask);
    Clock.Timer timer =
        hedge.clock().schedule(delay, () -> Background.run(() -> askAgain(delay, ask)));
    RuntimeException reason = new CancellationException("another attempt has answered");
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Throwables.sneak(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      AgentOpsException interrupted =
          new AgentOpsException("interrupted while a model was asked", e);
      reason = interrupted;
      answer.completeExceptionally(interrupted);
      Thread.currentThread().interrupt();
      throw interrupted;
    } finally {
      timer.cancel();
      giveUp(reason);
    }
  }

  private synchronized void askAgain(Duration delay, Supplier<ChatResponse> ask) {
    if (!answer.isDone() && hedge.take(caller, delay)) {
      attempt(ask);
    }
  }

  private synchronized void attempt(Supplier<ChatResponse> ask) {
    running++;
    Attempt attempt = Attempt.from(caller.context());
    int number = attempts.size() + 1;
    attempts.add(
        Background.ask(
            attempt,
            attempt.context(Hedge.attributes(number)),
            ask,
            (response, error) -> {
              if (error == null) {
                answer.complete(response);
              } else {
                failed(number, error);
              }
            }));
  }

  private synchronized void failed(int number, Throwable error) {
    running--;
    told = Hedge.told(told, number, error);
    if (running == 0 || Hedge.ends(number, error)) {
      answer.completeExceptionally(told);
    }
  }

  /** Without effect on those that have ended. */
  private synchronized void giveUp(RuntimeException reason) {
    attempts.forEach(attempt -> attempt.giveUp(reason));
  }
}
