package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of each item of a {@link Batch}, in the order of the inputs. Immutable.
 *
 * @param <T> what went in
 * @param <R> what came out
 */
public final class BatchResult<T, R> {

  private final Batch<T, R> batch;
  private final List<BatchItem<T, R>> items;
  private final BatchSummary summary;

  BatchResult(Batch<T, R> batch, List<BatchItem<T, R>> items, BatchSummary summary) {
    this.batch = batch;
    this.items = List.copyOf(items);
    this.summary = summary;
  }

  /** All items, in the order of the inputs. */
  public List<BatchItem<T, R>> items() {
    return items;
  }

  /** The items that did not succeed: those that failed and those that were cancelled. */
  public List<BatchItem<T, R>> unsuccessful() {
    return items.stream().filter(item -> !item.isSuccess()).toList();
  }

  public boolean allSucceeded() {
    return items.stream().allMatch(BatchItem::isSuccess);
  }

  /**
   * All responses, in the order of the inputs.
   *
   * @throws AgentOpsException if an item did not succeed, with the first such error as its cause
   */
  public List<R> responses() {
    List<BatchItem<T, R>> bad = unsuccessful();
    if (!bad.isEmpty()) {
      Throwable first =
          bad.stream().flatMap(item -> item.error().stream()).findFirst().orElse(null);
      throw new AgentOpsException(
          bad.size()
              + " of "
              + items.size()
              + " items of the batch did not succeed, first: "
              + bad.get(0),
          first);
    }
    List<R> responses = new ArrayList<>();
    items.forEach(item -> item.response().ifPresent(responses::add));
    return responses;
  }

  /** Counts, usage, cost and duration. */
  public BatchSummary summary() {
    return summary;
  }

  /**
   * Runs the items again that did not succeed, by the same settings and under an id of their own.
   *
   * @return all items, those that were run again in place of what they were; usage, cost and
   *     duration are those of all attempts
   * @throws InterruptedException as {@link Batch#run} does
   */
  public BatchResult<T, R> retryFailed() throws InterruptedException {
    List<BatchItem<T, R>> bad = unsuccessful();
    List<T> inputs = new ArrayList<>();
    bad.forEach(item -> inputs.add(item.input()));
    BatchResult<T, R> again = batch.run(inputs);
    List<BatchItem<T, R>> merged = new ArrayList<>(items);
    for (int i = 0; i < bad.size(); i++) {
      long index = bad.get(i).index();
      merged.set((int) index, again.items.get(i).at(index));
    }
    return new BatchResult<>(batch, merged, summary.retried(again.summary));
  }

  @Override
  public String toString() {
    return "BatchResult" + summary;
  }
}
