package dev.agentops.tracing;

import java.util.function.Supplier;

/**
 * A text that is written each time it is read, from immutable objects that the span shares with the
 * agent.
 *
 * <p>Why lazy: the agent's thread does not pay for JSON that nobody may ever read, and the spans of
 * a conversation share its messages instead of holding a growing copy of the history each. The text
 * is not kept after reading, so that a reader cannot grow a store beyond its bound.
 */
final class LazyText {

  private final Supplier<String> writer;
  private final long estimatedBytes;

  LazyText(Supplier<String> writer, long estimatedBytes) {
    this.writer = writer;
    this.estimatedBytes = estimatedBytes;
  }

  /** Never throws: a reader lists many spans, and must get the others. */
  String text() {
    try {
      return writer.get();
    } catch (Throwable t) { // a message of the caller's own class, or one too large to be written
      return "(cannot be written: " + t.getClass().getName() + ')';
    }
  }

  long estimatedBytes() {
    return estimatedBytes;
  }
}
