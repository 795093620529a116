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
  private long bytes;
  private boolean counted;

  StoredSpans(String traceId, List<Entry> entries) {
    this.traceId = traceId;
    this.entries = new ArrayDeque<>(entries);
    entries.forEach(entry -> bytes += entry.bytes);
  }

  String traceId() {
    return traceId;
  }

  void add(List<Entry> added) {
    entries.addAll(added);
    added.forEach(entry -> bytes += entry.bytes);
  }

  /** Takes out the one that came first. */
  @Nullable Entry poll() {
    Entry first = entries.poll();
    if (first != null) {
      bytes -= first.bytes;
    }
    return first;
  }

  void forEach(Consumer<Span> action) {
    entries.forEach(entry -> action.accept(entry.span));
  }

  int size() {
    return entries.size();
  }

  long bytes() {
    return bytes;
  }

  /** Whether the store has added it up. */
  boolean isCounted() {
    return counted;
  }

  void counted() {
    counted = true;
  }

  /** A span and the size that was estimated when it came. */
  record Entry(Span span, long bytes) {}
}
