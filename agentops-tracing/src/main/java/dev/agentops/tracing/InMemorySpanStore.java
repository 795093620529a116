package dev.agentops.tracing;

import dev.agentops.Cost;
import java.util.ArrayDeque;
import java.util.ArrayList;
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

  private final int maximumSpans;
  private final long maximumBytes;
  private final long batch;
  private final int mask;
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
  private long droppedSpans;
  private long droppedInputTokens;
  private long droppedOutputTokens;
  private Cost droppedCost = Cost.ZERO;
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
    batch = Math.max(1, Math.min(BATCH, maximumSpans / BATCH));
    mask = slots - 1;
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
          drop(span);
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
        if (known.isCounted()) {
          spans += entries.size();
          bytes += entries.stream().mapToLong(StoredSpans.Entry::bytes).sum();
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
      return new Dropped(droppedSpans, droppedInputTokens, droppedOutputTokens, droppedCost);
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
          stored.forEach(entries::add);
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
          forget(pushedOut);
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
      if (trace.isDropped()) {
        forget(trace);
      } else if (trace.isCounted()) {
        count(trace);
        makeRoom();
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
      Object entry = ring.get((int) counted & mask);
      if (entry instanceof TraceState trace) {
        trace.counted();
        count(trace);
      } else if (entry instanceof StoredSpans stored) {
        if (!stored.isCounted()) {
          stored.counted();
          spans += stored.size();
          bytes += stored.bytes();
        }
      } else {
        return; // its thread is about to put it there
      }
    }
  }

  /** Adds up the spans of a trace that were not yet. */
  private void count(TraceState trace) {
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      if (span.count()) {
        spans++;
        bytes += span.bytes();
      }
    }
  }

  private void makeRoom() {
    while (spans > maximumSpans || bytes > maximumBytes) {
      Object entry = ring.get((int) oldest & mask);
      if (oldest >= counted - 1) { // the only one: its oldest spans go
        if (entry instanceof TraceState trace) {
          shorten(trace);
        } else if (entry instanceof StoredSpans stored) {
          shorten(stored);
        }
        return;
      }
      ring.setRelease((int) oldest & mask, null);
      oldest++;
      if (entry != null) {
        forget(entry);
      }
    }
  }

  private void shorten(TraceState trace) {
    for (TraceContext span : trace.spans(TraceContext::isHandedOver)) {
      if (spans <= maximumSpans && bytes <= maximumBytes) {
        return;
      }
      forget(span);
    }
  }

  private void shorten(StoredSpans stored) {
    while (spans > maximumSpans || bytes > maximumBytes) {
      StoredSpans.Entry first = stored.poll();
      if (first == null) {
        return;
      }
      spans--;
      bytes -= first.bytes();
      drop(first.span());
    }
  }

  private void forget(Object entry) {
    if (entry instanceof TraceState trace) {
      trace.drop();
      for (TraceContext span = trace.head(); span != null; span = span.next) {
        if (span.isHandedOver()) {
          forget(span);
        }
      }
    } else if (entry instanceof StoredSpans stored) {
      byId.remove(stored.traceId(), stored);
      if (stored.isCounted()) {
        spans -= stored.size();
        bytes -= stored.bytes();
      }
      stored.forEach(this::drop);
    }
  }

  private void forget(TraceContext span) {
    if (span.isCounted()) {
      spans--;
      bytes -= span.bytes();
    }
    drop(span.inputTokens(), span.outputTokens(), span.cost());
    span.forget();
  }

  private void dropTooLarge(TraceContext span) {
    lock.lock();
    try {
      forget(span);
    } finally {
      lock.unlock();
    }
  }

  private void drop(Span span) {
    drop(span.inputTokens(), span.outputTokens(), span.cost().orElse(null));
  }

  private void drop(long inputTokens, long outputTokens, @Nullable Cost cost) {
    droppedSpans++;
    droppedInputTokens += inputTokens;
    droppedOutputTokens += outputTokens;
    if (cost != null) {
      droppedCost = droppedCost.plus(cost);
    }
  }

  private static int roundUp(long number) {
    return (int) Long.highestOneBit(Math.min(LARGEST_RING, number) * 2 - 1);
  }
}
