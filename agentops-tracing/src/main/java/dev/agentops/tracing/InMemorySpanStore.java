package dev.agentops.tracing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A store on the heap, bounded in spans and in estimated bytes: a ring of traces, in the order in
 * which they came.
 *
 * <p>Adding a small trace takes one atomic increment and no lock. Spans and bytes are added up
 * under a lock, by whoever adds every 64th trace or a large one; so the bounds may be exceeded for
 * a moment, by 64 small traces, or by a sixty-fourth of a bound where that is less.
 */
final class InMemorySpanStore implements SpanStore {

  private static final int BATCH = 64;
  private static final int LARGE_BYTES = 64 << 10;
  private static final int LARGEST_RING = 1 << 20;

  /** A batch that is at most such a part of a bound may be dropped at once. */
  private static final int SLACK = 16;

  private final int maximumSpans;
  private final long maximumBytes;
  private final int batch;
  private final int mask;
  private final BatchSums[] sums;
  private final AtomicReferenceArray<@Nullable Object> ring;
  private final AtomicLong next = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  // the rest is guarded by the lock
  private final Map<String, StoredSpans> byId = new HashMap<>();
  private final Map<String, Deque<Score>> scores = new LinkedHashMap<>();
  private long oldest;
  private long counted;
  private long spans;
  private long bytes;
  private final BatchSums dropped = new BatchSums();
  private int scoreCount;

  InMemorySpanStore(int maximumSpans, long maximumBytes) {
    if (maximumSpans <= 0) {
      throw new IllegalArgumentException("maximumSpans must be positive: " + maximumSpans);
    }
    if (maximumBytes <= 0) {
      throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
    }
    this.maximumSpans = maximumSpans;
    this.maximumBytes = maximumBytes;
    int slots = Math.min(LARGEST_RING, roundUp(2L * maximumSpans));
    batch = Integer.highestOneBit(Math.max(1, Math.min(BATCH, maximumSpans / BATCH)));
    mask = slots - 1;
    sums = new BatchSums[slots / batch];
    Arrays.setAll(sums, i -> new BatchSums());
    ring = new AtomicReferenceArray<>(slots);
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
        if (span.bytes() > maximumBytes) { // it would push out everything, and then itself
          dropTooLarge(span);
          continue;
        }
        bytesAdded += span.bytes();
        spansAdded++;
      }
    }
    if (spansAdded == 0) {
      return;
    }
    if (trace.keep()) {
      put(trace, bytesAdded > LARGE_BYTES || spansAdded > BATCH);
    } else {
      addLate(trace);
    }
  }

  @Override
  public void add(List<Span> added) {
    List<StoredSpans.Entry> entries = new ArrayList<>(added.size());
    for (Span span : added) {
      long size = span.estimatedBytes();
      if (size > maximumBytes) {
        lock.lock();
        try {
          dropped.add(span, size);
        } finally {
          lock.unlock();
        }
      } else {
        entries.add(new StoredSpans.Entry(span, size));
      }
    }
    if (entries.isEmpty()) {
      return;
    }
    String traceId = added.get(0).traceId();
    lock.lock();
    try {
      StoredSpans known = byId.get(traceId);
      if (known == null) {
        known = new StoredSpans(traceId, entries);
        byId.put(traceId, known);
        put(known, true);
      } else {
        known.add(entries);
        if (known.place() >= 0) {
          BatchSums batchSums = sumsAt(known.place());
          entries.forEach(entry -> count(entry.span(), entry.bytes(), batchSums));
        }
        countUp();
        makeRoom();
      }
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
      scoreCount++;
      while (scoreCount > maximumSpans) {
        Map.Entry<String, Deque<Score>> first = scores.entrySet().iterator().next();
        first.getValue().poll();
        scoreCount--;
        if (first.getValue().isEmpty()) {
          scores.remove(first.getKey());
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

  /** How many spans have been added up and are held now. */
  long size() {
    lock.lock();
    try {
      return spans;
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #droppedSpans()}, with what they add up to. */
  Dropped dropped() {
    lock.lock();
    try {
      return dropped.asDropped();
    } finally {
      lock.unlock();
    }
  }

  /** The traces of the ring, and the spans of those that were stored span by span. */
  private List<Object> entries() {
    List<Object> entries = new ArrayList<>();
    lock.lock();
    try {
      long end = next.get();
      for (long i = Math.max(oldest, end - ring.length()); i < end; i++) {
        Object entry = ring.get((int) i & mask);
        if (entry instanceof StoredSpans stored) {
          stored.forEach(kept -> entries.add(kept.span()));
        } else if (entry != null) {
          entries.add(entry);
        }
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
      if (context.isHandedOver() && query.matches(span)) { // not forgotten while it was read
        found.add(span);
      }
    }
  }

  private void put(Object entry, boolean large) {
    long ticket = next.getAndIncrement();
    Object pushedOut = ring.get((int) ticket & mask);
    ring.setRelease((int) ticket & mask, entry); // the slot is this thread's until a lap later
    if (pushedOut != null || large || ticket % batch == batch - 1) {
      lock.lock();
      try {
        if (pushedOut != null) { // the ring is full of traces, which takes a million of them
          oldest = Math.max(oldest, ticket - mask);
          forget(pushedOut, sumsAt((int) ticket & mask));
        }
        countUp();
        makeRoom();
      } finally {
        lock.unlock();
      }
    }
  }

  private void addLate(TraceState trace) {
    lock.lock();
    try {
      countUp();
      int place = trace.place();
      if (place >= 0 && ring.get(place) == trace) {
        count(trace, sumsAt(place));
        makeRoom();
      } else if (place >= 0 || trace.isDropped()) {
        forget(trace, dropped);
      } // else its thread is about to put it into the ring
    } finally {
      lock.unlock();
    }
  }

  /** Adds up the entries that came since the last time. */
  private void countUp() {
    long end = next.get();
    counted = Math.max(counted, end - ring.length());
    for (; counted < end; counted++) {
      int place = (int) counted & mask;
      Object entry = ring.get(place);
      if (entry instanceof TraceState trace) {
        trace.keptAt(place);
        count(trace, sumsAt(place));
      } else if (entry instanceof StoredSpans stored) {
        if (stored.place() < 0) {
          stored.keptAt(place);
          BatchSums batchSums = sumsAt(place);
          batchSums.hasStored = true;
          stored.forEach(kept -> count(kept.span(), kept.bytes(), batchSums));
        }
      } else {
        return; // its thread is about to put it there
      }
    }
  }

  /** Adds up the spans of a trace that were not yet. */
  private void count(TraceState trace, BatchSums to) {
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      if (span.count()) {
        to.add(span);
        spans++;
        bytes += span.bytes();
      }
    }
  }

  private void count(Span span, long size, BatchSums to) {
    to.add(span, size);
    spans++;
    bytes += size;
  }

  private void makeRoom() {
    while (spans > maximumSpans || bytes > maximumBytes) {
      int place = (int) oldest & mask;
      BatchSums batchSums = sumsAt(place);
      if (oldest >= counted - 1) { // the only one: its oldest spans go
        shorten(ring.get(place), batchSums);
        return;
      }
      if (oldest % batch == 0 && oldest + batch < counted && isSmall(batchSums)) {
        forgetBatch(place, batchSums);
      } else {
        Object entry = ring.get(place);
        ring.setRelease(place, null);
        oldest++;
        if (entry != null) {
          forget(entry, batchSums);
        }
      }
    }
  }

  private boolean isSmall(BatchSums batchSums) {
    return batchSums.spans <= maximumSpans / SLACK && batchSums.bytes <= maximumBytes / SLACK;
  }

  /** Drops the oldest batch without a look at its spans, which nobody has touched for long. */
  private void forgetBatch(int place, BatchSums batchSums) {
    for (int i = place; i < place + batch; i++) {
      if (batchSums.hasStored && ring.get(i) instanceof StoredSpans stored) {
        byId.remove(stored.traceId(), stored);
      }
      ring.setRelease(i, null);
    }
    spans -= batchSums.spans;
    bytes -= batchSums.bytes;
    dropped.add(batchSums);
    batchSums.clear();
    oldest += batch;
  }

  private void shorten(@Nullable Object entry, BatchSums batchSums) {
    if (entry instanceof TraceState trace) {
      for (TraceContext span : trace.spans(TraceContext::isHandedOver)) {
        if (spans <= maximumSpans && bytes <= maximumBytes) {
          return;
        }
        forget(span, batchSums);
      }
    } else if (entry instanceof StoredSpans stored) {
      while (spans > maximumSpans || bytes > maximumBytes) {
        StoredSpans.Entry first = stored.poll();
        if (first == null) {
          return;
        }
        forget(first, batchSums);
      }
    }
  }

  private void forget(Object entry, BatchSums batchSums) {
    if (entry instanceof TraceState trace) {
      trace.drop();
      for (TraceContext span = trace.head(); span != null; span = span.next) {
        if (span.isHandedOver()) {
          forget(span, batchSums);
        }
      }
    } else if (entry instanceof StoredSpans stored) {
      byId.remove(stored.traceId(), stored);
      stored.forEach(gone -> forget(gone, batchSums));
    }
  }

  private void forget(StoredSpans.Entry gone, BatchSums batchSums) {
    batchSums.remove(gone.span(), gone.bytes());
    spans--;
    bytes -= gone.bytes();
    dropped.add(gone.span(), gone.bytes());
  }

  private void forget(TraceContext span, BatchSums batchSums) {
    if (span.isCounted()) {
      batchSums.remove(span);
      spans--;
      bytes -= span.bytes();
    }
    dropped.add(span);
    span.forget();
  }

  private void dropTooLarge(TraceContext span) {
    lock.lock();
    try {
      dropped.add(span);
      span.forget();
    } finally {
      lock.unlock();
    }
  }

  private BatchSums sumsAt(int place) {
    return sums[place / batch];
  }

  private static int roundUp(long number) {
    return (int) Long.highestOneBit(Math.min(LARGEST_RING, number) * 2 - 1);
  }
}
