package dev.agentops.tracing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one trace that came to a store on the heap one by one; the store's lock guards it.
 */
final class StoredSpans {

  private final String traceId;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private TraceBatch batch = TraceBatch.PENDING;

  StoredSpans(String traceId) {
    this.traceId = traceId;
  }

  String traceId() {
    return traceId;
  }

  void add(Entry added) {
    entries.add(added);
  }

  /** Takes out the one that came first. */
  @Nullable Entry poll() {
    return entries.poll();
  }

  void forEach(Consumer<Entry> action) {
    entries.forEach(action);
  }

  /** Those it stands among in the store. */
  TraceBatch batch() {
    return batch;
  }

  void keptIn(TraceBatch batch) {
    this.batch = batch;
  }

  /** A span and the size that was estimated when it came. */
  record Entry(Span span, long bytes) {

    static Entry of(Span span) {
      return new Entry(span, span.estimatedBytes());
    }
  }
}
