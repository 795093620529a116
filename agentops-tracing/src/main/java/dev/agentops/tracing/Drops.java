package dev.agentops.tracing;

import java.util.Arrays;

/** What a tracer did not keep, by reason. Thread-safe. */
final class Drops {

  /** By the ordinal of the reason. */
  private final Tally[] tallies = new Tally[DropReason.values().length];

  Drops() {
    for (int i = 0; i < tallies.length; i++) {
      tallies[i] = new Tally();
    }
  }

  Tally of(DropReason reason) {
    return tallies[reason.ordinal()];
  }

  /** Drops all spans of the trace that have ended and that nobody has taken. */
  void drop(TraceState trace, DropReason reason) {
    Tally tally = of(reason);
    for (TraceContext span : trace.spans(TraceContext::handOver)) {
      tally.add(span);
      span.forget();
    }
  }

  long spans() {
    return Arrays.stream(tallies).mapToLong(tally -> tally.sum().spans()).sum();
  }
}
