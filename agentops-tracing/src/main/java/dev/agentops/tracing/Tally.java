package dev.agentops.tracing;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Adds up spans that are dropped. Thread-safe. */
final class Tally {

  private final LongAdder spans = new LongAdder();
  private final LongAdder inputTokens = new LongAdder();
  private final LongAdder outputTokens = new LongAdder();
  private final AtomicReference<Cost> cost = new AtomicReference<>(Cost.ZERO);

  /** A span that was never recorded; what it consumes is told later. */
  void add() {
    spans.increment();
  }

  void add(long count) {
    spans.add(count);
  }

  void add(TraceContext span) {
    spans.increment();
    consumed(span.inputTokens(), span.outputTokens(), span.cost());
  }

  void add(Span span) {
    spans.increment();
    consumed(span.inputTokens(), span.outputTokens(), span.cost().orElse(null));
  }

  void consumed(@Nullable Usage usage, @Nullable Cost price) {
    consumed(
        usage == null ? 0 : usage.inputTokens(), usage == null ? 0 : usage.outputTokens(), price);
  }

  Dropped sum() {
    return new Dropped(spans.sum(), inputTokens.sum(), outputTokens.sum(), total());
  }

  @SuppressWarnings("NullAway") // it begins with ZERO, and a sum is never null
  private Cost total() {
    return cost.get();
  }

  private void consumed(long input, long output, @Nullable Cost price) {
    if (input != 0) {
      inputTokens.add(input);
    }
    if (output != 0) {
      outputTokens.add(output);
    }
    if (price != null) {
      cost.accumulateAndGet(price, Cost::plus);
    }
  }
}
