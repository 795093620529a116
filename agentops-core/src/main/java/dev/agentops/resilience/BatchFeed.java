package dev.agentops.resilience;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The items that are ready for the consumer of a batch: in the order of the source, or as they
 * come. Bounded by the room of the engine. Thread-safe.
 */
final class BatchFeed<T, R> implements BatchEngine.Sink<T, R> {

  private final Queue<BatchItem<T, R>> ready;
  private final boolean ordered;
  private long next;
  private boolean ended;

  BatchFeed(boolean ordered) {
    this.ordered = ordered;
    this.ready =
        ordered
            ? new PriorityQueue<>(Comparator.comparingLong(BatchItem::index))
            : new ArrayDeque<>();
  }

  @Override
  public synchronized void accept(BatchItem<T, R> item) {
    ready.add(item);
    notifyAll();
  }

  @Override
  public synchronized void ended() {
    ended = true;
    notifyAll();
  }

  /** Waits for the next item; null after the last. */
  synchronized @Nullable BatchItem<T, R> take() throws InterruptedException {
    while (!isNextReady() && !ended) {
      wait();
    }
    next++;
    return ready.poll();
  }

  private boolean isNextReady() {
    BatchItem<T, R> head = ready.peek();
    return head != null && (!ordered || head.index() == next);
  }
}
