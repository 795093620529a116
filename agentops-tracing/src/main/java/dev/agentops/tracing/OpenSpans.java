package dev.agentops.tracing;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The spans that have started and not ended. They are held weakly, so that one that is never closed
 * is collected with the work that forgot it, and counted.
 */
final class OpenSpans {

  private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<TraceContext> collected = new ReferenceQueue<>();
  private final LongAdder abandoned = new LongAdder();

  Entry add(TraceContext span) {
    countAbandoned();
    Entry entry = new Entry(span, collected);
    entries.add(entry);
    return entry;
  }

  void remove(Entry entry) {
    entries.remove(entry);
  }

  List<Span> snapshots() {
    List<Span> spans = new ArrayList<>();
    for (Entry entry : entries) {
      TraceContext open = entry.get();
      Span span = open == null ? null : open.snapshot();
      if (span != null) {
        spans.add(span);
      }
    }
    return spans;
  }

  long abandoned() {
    countAbandoned();
    return abandoned.sum();
  }

  private void countAbandoned() {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      if (gone instanceof Entry entry && entries.remove(entry)) {
        abandoned.increment();
      }
    }
  }

  /** Compared by identity. */
  static final class Entry extends WeakReference<TraceContext> {

    Entry(TraceContext span, @Nullable ReferenceQueue<TraceContext> queue) {
      super(span, queue);
    }
  }
}
