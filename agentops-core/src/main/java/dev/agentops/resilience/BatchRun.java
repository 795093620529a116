package dev.agentops.resilience;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A {@link Batch} that is under way. Thread-safe.
 *
 * @param <T> what goes in
 * @param <R> what comes out
 */
public final class BatchRun<T, R> {

  private final Batch<T, R> batch;
  private final BatchSettings<T, R> settings;
  private final List<T> inputs;
  private final List<BatchItem<T, R>> done = Collections.synchronizedList(new ArrayList<>());
  private final BatchEngine<T, R> engine;
  private final CompletableFuture<BatchResult<T, R>> result = new CompletableFuture<>();

  BatchRun(Batch<T, R> batch, BatchSettings<T, R> settings, List<T> inputs) {
    this.batch = batch;
    this.settings = settings;
    this.inputs = inputs;
    this.engine =
        new BatchEngine<>(
            settings, inputs.iterator(), (long) inputs.size(), Long.MAX_VALUE, new Collecting());
  }

  void start() {
    engine.start();
  }

  /**
   * Ends the batch: what runs is interrupted, the rest is not begun. The result comes all the same,
   * with what there is, after a second at the latest.
   */
  public void cancel() {
    engine.stop(BatchSummary.End.CANCELLED);
  }

  /** How far it is. */
  public BatchSummary summary() {
    return engine.summary();
  }

  public boolean isDone() {
    return result.isDone();
  }

  /**
   * A copy of the future result; completing or cancelling it does not change the batch. It fails
   * with a {@link java.util.concurrent.RejectedExecutionException} where the executor of the batch
   * takes no work.
   */
  public CompletableFuture<BatchResult<T, R>> future() {
    return result.copy();
  }

  /**
   * Waits for the result.
   *
   * @throws InterruptedException if the thread is interrupted, which cancels the batch
   */
  public BatchResult<T, R> join() throws InterruptedException {
    try {
      return result.get();
    } catch (InterruptedException e) {
      cancel();
      throw e;
    } catch (ExecutionException e) {
      throw Throwables.sneak(e.getCause() == null ? e : e.getCause());
    }
  }

  private void end() {
    Throwable failure = engine.failure();
    if (failure != null) {
      result.completeExceptionally(failure);
      return;
    }
    List<BatchItem<T, R>> items = new ArrayList<>(Collections.nCopies(inputs.size(), null));
    done.forEach(item -> items.set((int) item.index(), item));
    BatchSummary summary = engine.summary();
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) == null) { // never begun
        BatchItem<T, R> item =
            BatchItem.cancelled(new Slot<>(i, inputs.get(i), settings.clock()), null);
        items.set(i, item);
        summary = summary.plus(item);
      }
    }
    result.complete(new BatchResult<>(batch, items, summary));
  }

  private final class Collecting implements BatchEngine.Sink<T, R> {

    @Override
    public void accept(BatchItem<T, R> item) {
      done.add(item);
    }

    @Override
    public void ended() {
      end();
    }
  }
}
