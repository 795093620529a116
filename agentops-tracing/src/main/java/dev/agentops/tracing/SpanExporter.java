package dev.agentops.tracing;

import java.io.IOException;
import java.util.List;

/**
 * Sends ended spans somewhere else.
 *
 * <p>The tracer calls it on a background thread of its own, one call at a time, never on an agent's
 * thread, and only with what sampling kept and redaction cleaned. Spans of one trace may come in
 * several batches.
 */
public interface SpanExporter extends AutoCloseable {

  /**
   * Sends a batch, and returns when it has arrived.
   *
   * @throws IOException if it may work later: the tracer waits, longer each time, and sends the
   *     same batch again
   * @throws RuntimeException if it will never work: the batch is dropped and counted
   */
  void export(List<Span> spans) throws IOException;

  /** Makes sure that what was exported is on its way; does nothing unless said. */
  default void flush() throws IOException {}

  /** Releases what the exporter holds open; does nothing unless said. */
  @Override
  default void close() {}
}
