package dev.agentops.tracing;

import java.util.List;

/**
 * Keeps the spans that have ended, and scores. Implementations are thread-safe and bounded.
 *
 * <p>What {@link #add} throws is logged by the tracer, at most once a minute, and the spans are
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
   * Keeps spans of one trace. A trace comes whole, once all its spans have ended; what starts after
   * that comes later, in a call of its own. A store may keep the list, which does not change.
   */
  void add(List<Span> spans);

  /**
   * The spans that match, in the order and up to the limit of the query. A list that does not
   * change.
   */
  List<Span> find(SpanQuery query);

  /** Keeps a score. It may come before its trace, or for a trace that is not kept. */
  void addScore(Score score);

  /** The scores of a trace, in the order in which they came; empty for an unknown id. */
  List<Score> scores(String traceId);

  /** How many spans were dropped to stay within the bounds. */
  long droppedSpans();

  /** Releases what the store holds open. A store on the heap can still be read. */
  @Override
  default void close() {}
}
