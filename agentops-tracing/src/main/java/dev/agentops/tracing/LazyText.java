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

  String text() {
    return writer.get();
  }

  long estimatedBytes() {
    return estimatedBytes;
  }
}
