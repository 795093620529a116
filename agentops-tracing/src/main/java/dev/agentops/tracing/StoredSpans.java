package dev.agentops.tracing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one trace that came to a store on the heap one by one; the store's lock guards it.
 */
final class StoredSpans {

  private final String traceId;
  private final Deque<Entry> entries;
  private int place = -1;

  StoredSpans(String traceId, List<Entry> entries) {
    this.traceId = traceId;
    this.entries = new ArrayDeque<>(entries);
  }

  String traceId() {
    return traceId;
  }

  void add(List<Entry> added) {
    entries.addAll(added);
  }

  /** Takes out the one that came first. */
  @Nullable Entry poll() {
    return entries.poll();
  }

  void forEach(Consumer<Entry> action) {
    entries.forEach(action);
  }

  /** Its place in the store; negative until the store has added it up. */
  int place() {
    return place;
  }

  void keptAt(int place) {
    this.place = place;
  }

  /** A span and the size that was estimated when it came. */
  record Entry(Span span, long bytes) {}
}
