package dev.agentops.tracing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A store on the heap, bounded in spans and in estimated bytes.
 *
 * <p>Adding a small trace takes one atomic operation and no lock: it is put on a stack. By chance,
 * one in 64 traces, and each large one, takes the lock, and with it all that is on the stack into
 * the store, in the order in which it came; so the bounds may be exceeded for a moment, by some 64
 * small traces. Readers do the same first. Small traces are also dropped 64 at a time.
 */
final class InMemorySpanStore implements SpanStore {

  private static final VarHandle PENDING;

  private static final int BATCH = 64;
  private static final int LARGE_BYTES = 64 << 10;

  /** A batch that is at most such a part of a bound may be dropped at once. */
  private static final int SLACK = 16;

  static {
    try {
      PENDING =
          MethodHandles.lookup()
              .findVarHandle(InMemorySpanStore.class, "pending", TraceState.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int maximumSpans;
  private final long maximumBytes;

  /** A power of two. */
  private final int batchSize;

  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable TraceState pending;

  // the rest is guarded by the lock
  private final Deque<TraceBatch> batches = new ArrayDeque<>();
  private final Map<String, StoredSpans> byId = new HashMap<>();
  private final Map<String, Deque<Score>> scores = new LinkedHashMap<>();
  private final TraceBatch dropped = new TraceBatch(0);
  private long spans;
  private long bytes;
  private long scoreBytes;

  InMemorySpanStore(int maximumSpans, long maximumBytes) {
    if (maximumSpans <= 0) {
      throw new IllegalArgumentException("maximumSpans must be positive: " + maximumSpans);
    }
    if (maximumBytes <= 0) {
      throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
    }
    this.maximumSpans = maximumSpans;
    this.maximumBytes = maximumBytes;
    batchSize = Integer.highestOneBit(Math.max(1, Math.min(BATCH, maximumSpans / BATCH)));
  }

  /**
   * Keeps what has ended of a trace, which goes on to hold it: the fast way of a tracer without a
   * background thread.
   */
  void add(TraceState trace) {
    long bytesAdded = 0;
    int spansAdded = 0;
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      if (span.handOver()) {
        bytesAdded += span.bytes();
        spansAdded++;
      }
    }
    if (spansAdded == 0) {
      return;
    }
    if (!trace.keep()) {
      addLate(trace);
      return;
    }
    push(trace);
    boolean small = bytesAdded <= LARGE_BYTES && spansAdded <= BATCH;
    if (!small || (trace.idLow() & (batchSize - 1)) == 0) {
      lock.lock();
      try {
        takeIn();
        makeRoom();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void add(List<Span> added) {
    if (added.isEmpty()) {
      return;
    }
    String traceId = added.get(0).traceId();
    lock.lock();
    try {
      takeIn();
      StoredSpans stored = byId.get(traceId);
      for (Span span : added) {
        StoredSpans.Entry entry = StoredSpans.Entry.of(span);
        if (entry.bytes() > maximumBytes) { // it would push out everything, and then itself
          dropped.add(entry);
          continue;
        }
        if (stored == null) {
          stored = new StoredSpans(traceId);
          byId.put(traceId, stored);
          stored.keptIn(append(stored));
        }
        stored.add(entry);
        stored.batch().add(entry);
        spans++;
        bytes += entry.bytes();
      }
      makeRoom();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Span> find(SpanQuery query) {
    List<Span> found = new ArrayList<>();
    for (Object entry : entries()) {
      if (entry instanceof TraceState trace) {
        collect(trace, query, found);
      } else if (entry instanceof Span span && query.matches(span)) {
        found.add(span);
      }
    }
    return query.page(found);
  }

  @Override
  public void addScore(Score score) {
    lock.lock();
    try {
      scores.computeIfAbsent(score.traceId(), id -> new ArrayDeque<>(2)).add(score);
      scoreBytes += score.estimatedBytes();
      while (scoreBytes > maximumBytes / SLACK) {
        Map.Entry<String, Deque<Score>> oldest = scores.entrySet().iterator().next();
        scoreBytes -= oldest.getValue().remove().estimatedBytes();
        if (oldest.getValue().isEmpty()) {
          scores.remove(oldest.getKey());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Score> scores(String traceId) {
    lock.lock();
    try {
      Deque<Score> known = scores.get(traceId);
      return known == null ? List.of() : List.copyOf(known);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long droppedSpans() {
    return dropped().spans();
  }

  /** As {@link #droppedSpans()}, with what they add up to. */
  Dropped dropped() {
    lock.lock();
    try {
      takeIn();
      makeRoom();
      return dropped.asDropped();
    } finally {
      lock.unlock();
    }
  }

  /** How many spans are held now. */
  long size() {
    lock.lock();
    try {
      takeIn();
      return spans;
    } finally {
      lock.unlock();
    }
  }

  private void push(TraceState trace) {
    TraceState before;
    do {
      before = pending;
      trace.nextPending = before;
    } while (!PENDING.compareAndSet(this, before, trace));
  }

  /** A trace that had come before has got some more spans. */
  private void addLate(TraceState trace) {
    lock.lock();
    try {
      takeIn();
      TraceBatch batch = trace.batch();
      if (batch == TraceBatch.PENDING) {
        return; // its thread is about to push it, with these
      }
      if (batch == null || batch == TraceBatch.NONE || batch.isDropped()) {
        forgetLate(trace);
      } else {
        count(trace, batch);
        makeRoom();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The traces, and the spans of those that came span by span. */
  private List<Object> entries() {
    List<Object> entries = new ArrayList<>();
    lock.lock();
    try {
      takeIn();
      makeRoom();
      for (TraceBatch batch : batches) {
        batch.forEach(
            entry -> {
              if (entry instanceof StoredSpans stored) {
                stored.forEach(kept -> entries.add(kept.span()));
              } else {
                entries.add(entry);
              }
            });
      }
    } finally {
      lock.unlock();
    }
    return entries;
  }

  private static void collect(TraceState trace, SpanQuery query, List<Span> found) {
    if (query.traceId() != null && !query.traceId().equals(trace.id())) {
      return;
    }
    for (TraceContext context : trace.spans(TraceContext::isHandedOver)) {
      Span span = context.toSpan();
      if (context.isIntact() && query.matches(span)) { // not forgotten while it was read
        found.add(span);
      }
    }
  }

  /** Takes in what waits on the stack, the first that came first. */
  private void takeIn() {
    TraceState latest = (TraceState) PENDING.getAndSet(this, null);
    TraceState next = null;
    while (latest != null) { // turns the list round
      TraceState before = latest.nextPending;
      latest.nextPending = next;
      next = latest;
      latest = before;
    }
    while (next != null) {
      TraceBatch batch = append(next);
      next.keptIn(batch);
      count(next, batch);
      TraceState after = next.nextPending;
      next.nextPending = null;
      next = after;
    }
  }

  private TraceBatch append(Object entry) {
    TraceBatch last = batches.peekLast();
    if (last == null || last.isFull()) {
      last = new TraceBatch(batchSize);
      batches.add(last);
    }
    last.append(entry);
    return last;
  }

  /** Adds up the spans of a trace that were not yet. */
  private void count(TraceState trace, TraceBatch to) {
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      if (span.count()) {
        to.add(span);
        spans++;
        bytes += span.bytes();
        if (span.bytes() > maximumBytes) {
          forget(span, to);
        }
      }
    }
  }

  private void makeRoom() {
    while (spans > maximumSpans || bytes > maximumBytes) {
      TraceBatch oldest = batches.element();
      boolean only = batches.size() == 1;
      if (only && oldest.size() == 1) {
        shorten(oldest.peek(), oldest);
        return;
      }
      if (!only && oldest.isFull() && isSmall(oldest)) {
        forgetAll(batches.remove());
        continue;
      }
      Object entry = oldest.poll();
      if (oldest.isEmpty() && oldest.isFull()) {
        batches.remove();
      }
      forget(entry, oldest);
    }
  }

  private boolean isSmall(TraceBatch batch) {
    return batchSize > 1
        && batch.spans() <= maximumSpans / SLACK
        && batch.bytes() <= maximumBytes / SLACK;
  }

  /** Drops a batch without a look at its spans, which nobody has touched for long. */
  private void forgetAll(TraceBatch batch) {
    if (batch.hasStored()) {
      batch.forEach(
          entry -> {
            if (entry instanceof StoredSpans stored) {
              byId.remove(stored.traceId(), stored);
            }
          });
    }
    batch.drop();
    spans -= batch.spans();
    bytes -= batch.bytes();
    dropped.add(batch);
  }

  /** Drops the oldest spans of the only trace. */
  private void shorten(@Nullable Object entry, TraceBatch batch) {
    if (entry instanceof TraceState trace) {
      for (TraceContext span : trace.spans(TraceContext::isHandedOver)) {
        if (spans <= maximumSpans && bytes <= maximumBytes) {
          return;
        }
        forget(span, batch);
      }
    } else if (entry instanceof StoredSpans stored) {
      while (spans > maximumSpans || bytes > maximumBytes) {
        StoredSpans.Entry first = stored.poll();
        if (first == null) {
          return;
        }
        forget(first, batch);
      }
    }
  }

  private void forget(@Nullable Object entry, TraceBatch batch) {
    if (entry instanceof TraceState trace) {
      trace.drop();
      for (TraceContext span = trace.head(); span != null; span = span.next) {
        if (span.isHandedOver()) {
          forget(span, batch);
        }
      }
    } else if (entry instanceof StoredSpans stored) {
      byId.remove(stored.traceId(), stored);
      stored.forEach(gone -> forget(gone, batch));
    }
  }

  private void forget(StoredSpans.Entry gone, TraceBatch batch) {
    batch.remove(gone);
    spans--;
    bytes -= gone.bytes();
    dropped.add(gone);
  }

  private void forget(TraceContext span, TraceBatch batch) {
    if (span.isCounted()) {
      batch.remove(span);
      spans--;
      bytes -= span.bytes();
    }
    dropped.add(span);
    span.forget();
  }

  /** Drops what came late to a trace that is gone; the rest of it was counted when it went. */
  private void forgetLate(TraceState trace) {
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      if (span.isHandedOver()) {
        if (!span.isCounted()) {
          dropped.add(span);
        }
        span.forget();
      }
    }
  }
}
