package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call that goes with others, while its caller waits. Thread-safe. */
final class CoalescedCall {

  private final List<TextSegment> segments;
  private final long characters;
  private final Context context = Context.current();
  private final @Nullable Deadline deadline = Deadline.of(context);

  /** Completed with null where the call is to be made alone. */
  private final CompletableFuture<@Nullable Response<List<Embedding>>> answer =
      new CompletableFuture<>();

  /** That which it goes with, once it does; guarded by the model, as is the next. */
  private @Nullable Flight flight;

  private boolean hasLeft;

  CoalescedCall(List<TextSegment> segments, long characters) {
    this.segments = segments;
    this.characters = characters;
  }

  List<TextSegment> segments() {
    return segments;
  }

  /** How much of the batch it is, in characters; never zero. */
  long characters() {
    return characters;
  }

  Context context() {
    return context;
  }

  @Nullable Deadline deadline() {
    return deadline;
  }

  void goWith(Flight flight) {
    this.flight = flight;
  }

  /** Its caller waits no more; the flight that may be told so. */
  @Nullable Flight leave() {
    hasLeft = true;
    return flight;
  }

  boolean hasLeft() {
    return hasLeft;
  }

  void answer(Response<List<Embedding>> response) {
    answer.complete(response);
  }

  void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  void makeAlone() {
    answer.complete(null);
  }

  /**
   * Waits for the answer.
   *
   * @param left is told if the caller does not wait any more
   * @return null where the caller has to make the call itself
   */
  @Nullable Response<List<Embedding>> await(Clock clock, Consumer<CoalescedCall> left) {
    Clock.Timer timer = deadline == null ? () -> {} : timer(clock, deadline.remaining());
    try {
      return answer.get();
    } catch (InterruptedException e) {
      left.accept(this);
      Thread.currentThread().interrupt();
      throw new AgentOpsException("interrupted while embeddings were awaited", e);
    } catch (ExecutionException e) {
      left.accept(this);
      throw Throwables.sneak(e.getCause() == null ? e : e.getCause());
    } finally {
      timer.cancel();
    }
  }

  private Clock.Timer timer(Clock clock, Duration limit) {
    return clock.schedule(
        limit,
        () ->
            fail(
                new CallTimeoutException(
                    "the embeddings did not come before the deadline, within " + limit, limit)));
  }
}
