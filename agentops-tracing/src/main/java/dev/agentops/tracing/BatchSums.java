package dev.agentops.tracing;

import dev.agentops.Cost;

/** What the spans of some traces in a store add up to; the store's lock guards it. */
final class BatchSums {

  long spans;
  long bytes;

  /** Whether spans came one by one, so that the store knows them by their trace. */
  boolean hasStored;

  private long inputTokens;
  private long outputTokens;
  private Cost cost = Cost.ZERO;

  void add(TraceContext span) {
    spans++;
    bytes += span.bytes();
    inputTokens += span.inputTokens();
    outputTokens += span.outputTokens();
    Cost price = span.cost();
    cost = price == null ? cost : cost.plus(price);
  }

  void remove(TraceContext span) {
    spans--;
    bytes -= span.bytes();
    inputTokens -= span.inputTokens();
    outputTokens -= span.outputTokens();
    Cost price = span.cost();
    cost = price == null ? cost : cost.minus(price);
  }

  void add(Span span, long size) {
    spans++;
    bytes += size;
    inputTokens += span.inputTokens();
    outputTokens += span.outputTokens();
    cost = span.cost().map(cost::plus).orElse(cost);
  }

  void remove(Span span, long size) {
    spans--;
    bytes -= size;
    inputTokens -= span.inputTokens();
    outputTokens -= span.outputTokens();
    cost = span.cost().map(cost::minus).orElse(cost);
  }

  void add(BatchSums other) {
    spans += other.spans;
    bytes += other.bytes;
    inputTokens += other.inputTokens;
    outputTokens += other.outputTokens;
    cost = cost.plus(other.cost);
  }

  void clear() {
    spans = 0;
    bytes = 0;
    hasStored = false;
    inputTokens = 0;
    outputTokens = 0;
    cost = Cost.ZERO;
  }

  Dropped asDropped() {
    return new Dropped(spans, inputTokens, outputTokens, cost);
  }
}
