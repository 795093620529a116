package dev.agentops;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The waits between the chunks of a stream. Thread-safe: a cancel reads it on another thread. */
final class ChunkTimes {

  private int chunks;
  private long waitedNanos;
  private long longestNanos;

  /**
   * A chunk has come.
   *
   * @param waitNanos since the end of the one before it; of no meaning for the first
   */
  synchronized void add(long waitNanos) {
    if (chunks > 0) {
      waitedNanos += waitNanos;
      longestNanos = Math.max(longestNanos, waitNanos);
    }
    chunks++;
  }

  synchronized Outcome.Streamed streamed(
      @Nullable Duration timeToFirstChunk, Outcome.Delivered delivered) {
    boolean several = chunks > 1;
    return new Outcome.Streamed(
        timeToFirstChunk,
        chunks,
        several ? Duration.ofNanos(longestNanos) : null,
        several ? Duration.ofNanos(waitedNanos / (chunks - 1)) : null,
        delivered);
  }
}
