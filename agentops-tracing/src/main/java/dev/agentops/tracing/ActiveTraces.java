package dev.agentops.tracing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The traces that have an open span. Lock-free: each thread uses the slots of its stripe, so that
 * threads rarely meet, and finds a free one where it last left one.
 */
final class ActiveTraces {

  /** What {@link #add} returns where all slots are taken: 65,536. */
  static final int FULL = -1;

  private static final int STRIPE_BITS = 4;
  private static final int SEGMENT_BITS = 6;
  private static final int SEGMENTS = 64;

  private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];

  ActiveTraces() {
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** Adds a trace; where it stands now, or {@link #FULL}. */
  int add(TraceState trace) {
    int own = (int) Thread.currentThread().getId() & (stripes.length - 1);
    for (int i = 0; i < stripes.length; i++) {
      int stripe = (own + i) & (stripes.length - 1);
      int index = stripes[stripe].add(trace);
      if (index != FULL) {
        return (index << STRIPE_BITS) | stripe;
      }
    }
    return FULL;
  }

  void remove(TraceState trace, int slot) {
    if (slot != FULL) {
      stripes[slot & (stripes.length - 1)].remove(trace, slot >> STRIPE_BITS);
    }
  }

  /**
   * Removes a trace from wherever it stands: one that was reopened may stand twice for a moment.
   */
  void remove(TraceState trace) {
    for (Stripe stripe : stripes) {
      stripe.remove(trace);
    }
  }

  /** Those that have an open span, or had one just now, each once. */
  List<TraceState> list() {
    Set<TraceState> found = new LinkedHashSet<>();
    for (Stripe stripe : stripes) {
      stripe.collect(found);
    }
    return List.copyOf(found);
  }

  private static final class Stripe {

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable TraceState>>
        segments = new AtomicReferenceArray<>(SEGMENTS);

    /** A place below which there may be no free slot; a wrong one costs time only. */
    private int hint;

    /**
     * Nothing was free and nothing has been removed since, so that it need not be searched again. A
     * wrong one hides a slot until the next is removed.
     */
    private boolean full;

    int add(TraceState trace) {
      if (full) {
        return FULL;
      }
      int from = hint;
      int found = add(trace, from, SEGMENTS << SEGMENT_BITS);
      if (found == FULL) {
        found = add(trace, 0, from);
      }
      hint = found + 1; // 0 where it is full
      full = found == FULL;
      return found;
    }

    void remove(TraceState trace, int index) {
      AtomicReferenceArray<@Nullable TraceState> segment = segments.get(index >> SEGMENT_BITS);
      int at = index & ((1 << SEGMENT_BITS) - 1);
      if (segment != null && segment.get(at) == trace) {
        segment.setRelease(at, null);
        full = false;
        if (index < hint) {
          hint = index;
        }
      }
    }

    void remove(TraceState trace) {
      for (int s = 0; s < SEGMENTS; s++) {
        AtomicReferenceArray<@Nullable TraceState> segment = segments.get(s);
        if (segment == null) {
          return;
        }
        for (int i = 0; i < segment.length(); i++) {
          if (segment.compareAndSet(i, trace, null)) {
            full = false;
          }
        }
      }
    }

    void collect(Set<TraceState> found) {
      for (int s = 0; s < SEGMENTS; s++) {
        AtomicReferenceArray<@Nullable TraceState> segment = segments.get(s);
        if (segment == null) {
          return;
        }
        for (int i = 0; i < segment.length(); i++) {
          TraceState trace = segment.get(i);
          if (trace != null) {
            found.add(trace);
          }
        }
      }
    }

    private int add(TraceState trace, int from, int to) {
      for (int i = from; i < to; i++) {
        AtomicReferenceArray<@Nullable TraceState> segment = segment(i >> SEGMENT_BITS);
        int at = i & ((1 << SEGMENT_BITS) - 1);
        if (segment.get(at) == null && segment.compareAndSet(at, null, trace)) {
          return i;
        }
      }
      return FULL;
    }

    private AtomicReferenceArray<@Nullable TraceState> segment(int number) {
      AtomicReferenceArray<@Nullable TraceState> known = segments.get(number);
      if (known != null) {
        return known;
      }
      AtomicReferenceArray<@Nullable TraceState> fresh =
          new AtomicReferenceArray<>(1 << SEGMENT_BITS);
      AtomicReferenceArray<@Nullable TraceState> other =
          segments.compareAndExchange(number, null, fresh);
      return other == null ? fresh : other;
    }
  }
}
