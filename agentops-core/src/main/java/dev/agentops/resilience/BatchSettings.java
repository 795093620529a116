package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a {@link Batch} runs. Immutable. */
final class BatchSettings<T, R> {

  private final Function<T, R> function;
  private final int concurrency;
  private final int window;
  private final boolean failFast;
  private final Duration maxLimitWait;
  private final @Nullable Duration timeout;
  private final Consumer<BatchSummary> progress;
  private final Executor executor;
  private final Clock clock;
  private final FaultLog faults;

  BatchSettings(Batch.Builder<T, R> from) {
    function = from.function;
    concurrency = from.concurrency;
    window = Math.max(from.window, concurrency);
    failFast = from.failFast;
    maxLimitWait = from.maxLimitWait;
    timeout = from.timeout;
    progress = from.progress;
    executor = from.executor;
    clock = from.clock;
    faults = new FaultLog(Batch.class, clock);
  }

  Function<T, R> function() {
    return function;
  }

  int concurrency() {
    return concurrency;
  }

  int window() {
    return window;
  }

  boolean failFast() {
    return failFast;
  }

  Duration maxLimitWait() {
    return maxLimitWait;
  }

  Executor executor() {
    return executor;
  }

  Clock clock() {
    return clock;
  }

  /** What a refusal says; null also where that fails, which is logged. */
  @Nullable Duration retryAfter(CallRejectedException refusal) {
    try {
      return refusal.retryAfter();
    } catch (Throwable t) { // of a class of the caller's
      faults.report("retryAfter() of " + refusal.getClass().getName(), t);
      return null;
    }
  }

  /** Whether the executor has been shut down, as far as it tells. */
  boolean isExecutorShutDown() {
    return executor instanceof ExecutorService service && service.isShutdown();
  }

  String newId() {
    return UUID.randomUUID().toString();
  }

  /** The caller's context, with the batch's id and its deadline. */
  Context context(String id) {
    Context context = Context.current().with(Attributes.of(Batch.ID, id));
    return timeout == null ? context : Deadline.after(timeout, clock).in(context);
  }

  /** Tells how far the batch is. */
  void tell(BatchSummary summary) {
    try {
      progress.accept(summary);
    } catch (Throwable t) {
      faults.report("the progress callback of a batch", t);
    }
  }
}
