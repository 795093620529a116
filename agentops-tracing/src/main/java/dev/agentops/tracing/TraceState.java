package dev.agentops.tracing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One trace while it grows: its id, its time, and all its spans, those that run and those that have
 * ended.
 *
 * <p>Spans are linked when they start, the latest first, and never unlinked: a reader needs no lock
 * and sees each. When the last open span ends, the tracer takes what has ended; work that starts
 * later, in the context of an ended span, opens the trace again.
 *
 * <p>The time is a wall time taken once and monotonic time from there, so that a clock that is set
 * while the trace runs cannot make a child begin before its parent.
 */
final class TraceState {

  private static final VarHandle HEAD;
  private static final VarHandle COUNTS;
  private static final VarHandle BATCH;
  private static final long ONE_STARTED = 1L << 32;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HEAD = lookup.findVarHandle(TraceState.class, "head", TraceContext.class);
      COUNTS = lookup.findVarHandle(TraceState.class, "counts", long.class);
      BATCH = lookup.findVarHandle(TraceState.class, "batch", TraceBatch.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tracer tracer;
  private final long idHigh;
  private final long idLow;
  private @Nullable String idText;

  /** Nanoseconds from the clock's monotonic time to the epoch. */
  private final long wallOffset;

  private volatile @Nullable TraceContext head;

  /** How many spans were started, in the upper half, and how many are open, in the lower. */
  private volatile long counts;

  /** Those it stands among in the store on the heap; null where it never came there. */
  private volatile @Nullable TraceBatch batch;

  /** The one that came to that store before it, while both wait to be taken in. */
  @Nullable TraceState nextPending;

  /** Where it is among the active ones; written by whoever puts it there. */
  int slot;

  TraceState(Tracer tracer, @Nullable String id, long idLow, long wallOffset) {
    this.tracer = tracer;
    this.idText = id;
    this.idHigh = id == null ? SpanIds.next() : 0;
    this.idLow = idLow;
    this.wallOffset = wallOffset;
  }

  /** What spans that are not recorded have for a trace. */
  TraceState(Tracer tracer) {
    this(tracer, "0".repeat(32), 0, 0);
  }

  String id() {
    String text = idText;
    if (text == null) {
      text = SpanIds.traceId(idHigh, idLow);
      idText = text;
    }
    return text;
  }

  Tracer tracer() {
    return tracer;
  }

  Instant at(long nanoTime) {
    long epochNanos = nanoTime + wallOffset;
    return Instant.ofEpochSecond(
        Math.floorDiv(epochNanos, 1_000_000_000L), Math.floorMod(epochNanos, 1_000_000_000L));
  }

  /** Takes in the first span, before anybody else knows of this trace. */
  void begin(TraceContext root) {
    HEAD.set(this, root);
    COUNTS.set(this, ONE_STARTED + 1);
  }

  /** Takes in another span. */
  void add(TraceContext span) {
    long before = (long) COUNTS.getAndAdd(this, ONE_STARTED + 1);
    TraceContext first;
    do {
      first = head;
      span.next = first;
    } while (!HEAD.compareAndSet(this, first, span));
    if ((int) before == 0) {
      tracer.reopened(this);
    }
  }

  /** A span of this trace has ended. */
  void ended() {
    int slotBefore = slot;
    long after = (long) COUNTS.getAndAdd(this, -1L) - 1;
    if ((int) after == 0) {
      tracer.completed(this, slotBefore);
    }
  }

  int startedSpans() {
    return (int) (counts >>> 32);
  }

  boolean isOpen() {
    return (int) counts != 0;
  }

  /** Sends it to the store; false where it was sent before, or is not to be kept. */
  boolean keep() {
    return BATCH.compareAndSet(this, null, TraceBatch.PENDING);
  }

  void keptIn(TraceBatch batch) {
    BATCH.setRelease(this, batch);
  }

  @Nullable TraceBatch batch() {
    return batch;
  }

  /** Tells that it is not kept, and that what comes late is to be dropped, too. */
  void drop() {
    batch = TraceBatch.NONE;
  }

  boolean isDropped() {
    return batch == TraceBatch.NONE;
  }

  /** The last 16 digits of the id as a number, or one made of another id. */
  long idLow() {
    return idLow;
  }

  /** Makes up for spans that could not tell of their end; true if it was open by mistake. */
  boolean settle() {
    long before = counts;
    if ((int) before == 0 || !spans(TraceContext::isUnfinished).isEmpty()) {
      return false;
    }
    return COUNTS.compareAndSet(this, before, before & ~0xffffffffL);
  }

  /** The latest span; the others are linked from it. */
  @Nullable TraceContext head() {
    return head;
  }

  /** The spans for which this holds, the first that was started first. */
  List<TraceContext> spans(Predicate<TraceContext> which) {
    List<TraceContext> spans = new ArrayList<>();
    for (TraceContext span = head; span != null; span = span.next) {
      if (which.test(span)) {
        spans.add(span);
      }
    }
    Collections.reverse(spans);
    return spans;
  }
}
