package dev.agentops.tracing;

import java.util.List;

/**
 * Keeps the spans that have ended. Implementations are thread-safe and bounded.
 *
 * <p>What {@link #add} throws is logged by the tracer, at most once a minute, and the span is
 * counted as dropped; the agent never sees it.
 */
public interface SpanStore extends AutoCloseable {

  /**
   * A store on the heap. When it is full, the oldest traces are dropped whole; of a trace that is
   * alone too large, its oldest spans. A span that is alone too large is not kept.
   *
   * @param maximumSpans how many spans it holds at most
   * @param maximumBytes how many bytes of heap it holds at most, by estimate
   * @throws IllegalArgumentException if one is not positive
   */
  static SpanStore inMemory(int maximumSpans, long maximumBytes) {
    return new InMemorySpanStore(maximumSpans, maximumBytes);
  }

  /**
   * Keeps a span. Runs on the thread that ends the span, before its {@code close} returns: be
   * quick.
   */
  void add(Span span);

  /**
   * The spans that match, the earliest start first, and of equal starts in the order in which they
   * were added. A list that does not change.
   */
  List<Span> find(SpanQuery query);

  /** How many spans were dropped to stay within the bounds. */
  long droppedSpans();

  /** Releases what the store holds open. A store on the heap can still be read. */
  @Override
  default void close() {}
}
