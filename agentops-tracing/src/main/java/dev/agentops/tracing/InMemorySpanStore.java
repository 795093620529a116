package dev.agentops.tracing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A store on the heap, bounded in spans and in estimated bytes.
 *
 * <p>Adding takes a lock only to start a trace and to make room. Whoever brings the store over a
 * bound makes room for a while, 1/64 of the bound, so that a full store does not lock on each span.
 * The bounds may be exceeded for a moment, by at most the spans that the threads inside {@code add}
 * carry. A span that arrives after its trace was dropped starts that trace anew.
 */
final class InMemorySpanStore implements SpanStore {

  private static final int SLACK_SHIFT = 6;

  private final int maximumSpans;
  private final long maximumBytes;
  private final ConcurrentMap<String, Trace> traces = new ConcurrentHashMap<>();

  /**
   * The traces of the map, the oldest first; guarded by {@link #lock}, as are changes of the map.
   */
  private final Deque<Trace> oldest = new ArrayDeque<>();

  private final AtomicLong order = new AtomicLong();
  private final ConcurrentMap<String, Queue<Score>> scores = new ConcurrentHashMap<>();
  private final AtomicLong spans = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();

  InMemorySpanStore(int maximumSpans, long maximumBytes) {
    if (maximumSpans <= 0) {
      throw new IllegalArgumentException("maximumSpans must be positive: " + maximumSpans);
    }
    if (maximumBytes <= 0) {
      throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
    }
    this.maximumSpans = maximumSpans;
    this.maximumBytes = maximumBytes;
  }

  @Override
  public void add(List<Span> added) {
    added.forEach(this::add);
  }

  private void add(Span span) {
    Stored stored = new Stored(span, span.estimatedBytes(), order.getAndIncrement());
    if (stored.bytes > maximumBytes) { // it would push out everything, and then itself
      dropped.increment();
      return;
    }
    while (!trace(span.traceId()).add(stored)) {
      // dropped in between: the next one is new
    }
    // after adding, so that there is always something to drop when a count is over its bound
    spans.incrementAndGet();
    bytes.addAndGet(stored.bytes);
    if (isOver(0)) {
      makeRoom();
    }
  }

  @Override
  public List<Span> find(SpanQuery query) {
    List<Stored> found = new ArrayList<>();
    String traceId = query.traceId();
    if (traceId != null) {
      collect(traces.get(traceId), query, found);
    } else {
      traces.values().forEach(trace -> collect(trace, query, found));
    }
    found.sort(Comparator.comparingLong(stored -> stored.order));
    return query.page(found.stream().map(stored -> stored.span).toList());
  }

  @Override
  public void addScore(Score score) {
    scores.computeIfAbsent(score.traceId(), id -> new ConcurrentLinkedQueue<>()).add(score);
  }

  @Override
  public List<Score> scores(String traceId) {
    Queue<Score> known = scores.get(traceId);
    return known == null ? List.of() : List.copyOf(known);
  }

  @Override
  public long droppedSpans() {
    return dropped.sum();
  }

  private static void collect(@Nullable Trace trace, SpanQuery query, List<Stored> found) {
    if (trace != null) {
      trace.spans.stream().filter(stored -> query.matches(stored.span)).forEach(found::add);
    }
  }

  private Trace trace(String traceId) {
    Trace known = traces.get(traceId);
    if (known != null) {
      return known;
    }
    // a trace that is in the map and not yet among the oldest could not be dropped
    lock.lock();
    try {
      known = traces.get(traceId);
      if (known == null) {
        known = new Trace(traceId);
        traces.put(traceId, known);
        oldest.add(known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** How many spans are held now. */
  long size() {
    return spans.get();
  }

  private void makeRoom() {
    // not tryLock: while the holder is off the processor, the others would add without bound
    lock.lock();
    try {
      boolean more = isOver(0);
      while (more) {
        more = evict() && isOver(SLACK_SHIFT);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a count is over its bound, or over the bound less a part of 2<sup>shift</sup>. */
  private boolean isOver(int shift) {
    return spans.get() > lessSlack(maximumSpans, shift)
        || bytes.get() > lessSlack(maximumBytes, shift);
  }

  private static long lessSlack(long maximum, int shift) {
    return shift == 0 ? maximum : maximum - (maximum >> shift);
  }

  /**
   * Drops the oldest trace, or the oldest span of the only one. False if there is nothing to drop.
   */
  private boolean evict() {
    Trace first = oldest.peek();
    if (first == null) {
      return false;
    }
    if (oldest.size() == 1) {
      return forget(first.spans.poll());
    }
    oldest.poll();
    traces.remove(first.id, first);
    first.dropped = true;
    while (forget(first.spans.poll())) {
      // until it is empty; an add that comes too late takes its span back or leaves it to this loop
    }
    return true;
  }

  private boolean forget(@Nullable Stored stored) {
    if (stored == null) {
      return false;
    }
    spans.decrementAndGet();
    bytes.addAndGet(-stored.bytes);
    dropped.increment();
    return true;
  }

  private record Stored(Span span, long bytes, long order) {}

  private static final class Trace {

    private final String id;
    private final Queue<Stored> spans = new ConcurrentLinkedQueue<>();
    private volatile boolean dropped;

    Trace(String id) {
      this.id = id;
    }

    /** False if the trace has been dropped and the span is not in it. */
    boolean add(Stored stored) {
      if (dropped) {
        return false;
      }
      spans.add(stored);
      // dropped meanwhile: either the span can be taken back, or it was dropped with the rest
      return !dropped || !spans.remove(stored);
    }
  }
}
