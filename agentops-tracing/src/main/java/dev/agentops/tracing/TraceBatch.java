package dev.agentops.tracing;

import dev.agentops.Cost;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some traces of a store on the heap, one after the other, and what their spans add up to; the
 * store's lock guards it. So many small traces can be dropped without a look at each.
 */
final class TraceBatch {

  /** Stands for that of a trace which is on its way into the store. */
  static final TraceBatch PENDING = new TraceBatch(0);

  /** Stands for that of a trace which the store will not have. */
  static final TraceBatch NONE = new TraceBatch(0);

  private final @Nullable Object[] entries;
  private int first;
  private int end;
  private boolean dropped;

  /** Whether spans came one by one, so that the store knows them by their trace. */
  private boolean hasStored;

  private long spans;
  private long bytes;
  private long inputTokens;
  private long outputTokens;
  private Cost cost = Cost.ZERO;

  TraceBatch(int capacity) {
    entries = new Object[capacity];
  }

  boolean isFull() {
    return end == entries.length;
  }

  boolean isEmpty() {
    return first == end;
  }

  int size() {
    return end - first;
  }

  long spans() {
    return spans;
  }

  long bytes() {
    return bytes;
  }

  void append(Object entry) {
    entries[end++] = entry;
    hasStored |= entry instanceof StoredSpans;
  }

  @Nullable Object peek() {
    return entries[first];
  }

  @Nullable Object poll() {
    Object entry = entries[first];
    entries[first++] = null;
    return entry;
  }

  void forEach(Consumer<Object> action) {
    for (int i = first; i < end; i++) {
      Object entry = entries[i];
      if (entry != null) {
        action.accept(entry);
      }
    }
  }

  boolean hasStored() {
    return hasStored;
  }

  /**
   * Tells that the store has dropped it whole, and lets go of its traces: a span that somebody
   * still holds must not keep the others.
   */
  void drop() {
    dropped = true;
    Arrays.fill(entries, null);
  }

  boolean isDropped() {
    return dropped;
  }

  void add(TraceContext span) {
    add(1, span.bytes(), span.inputTokens(), span.outputTokens(), span.cost());
  }

  void remove(TraceContext span) {
    remove(span.bytes(), span.inputTokens(), span.outputTokens(), span.cost());
  }

  void add(StoredSpans.Entry entry) {
    Span span = entry.span();
    add(1, entry.bytes(), span.inputTokens(), span.outputTokens(), span.cost().orElse(null));
  }

  void remove(StoredSpans.Entry entry) {
    Span span = entry.span();
    remove(entry.bytes(), span.inputTokens(), span.outputTokens(), span.cost().orElse(null));
  }

  void add(TraceBatch other) {
    add(other.spans, other.bytes, other.inputTokens, other.outputTokens, other.cost);
  }

  Dropped asDropped() {
    return new Dropped(spans, inputTokens, outputTokens, cost);
  }

  private void add(long count, long size, long input, long output, @Nullable Cost price) {
    spans += count;
    bytes += size;
    inputTokens += input;
    outputTokens += output;
    cost = price == null ? cost : cost.plus(price);
  }

  private void remove(long size, long input, long output, @Nullable Cost price) {
    spans--;
    bytes -= size;
    inputTokens -= input;
    outputTokens -= output;
    cost = price == null ? cost : cost.minus(price);
  }
}
