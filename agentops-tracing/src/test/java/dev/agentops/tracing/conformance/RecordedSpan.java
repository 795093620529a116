package dev.agentops.tracing.conformance;

import java.time.Instant;

/**
 * A span as the kit wants to see it, whoever recorded it.
 *
 * @param parentId null for a root
 * @param operation as in OpenTelemetry's GenAI conventions: {@code chat}, {@code execute_tool},
 *     {@code embeddings}, {@code retrieval}, {@code invoke_agent}
 * @param target what it was done to: the requested model, the tool, the agent; empty where the
 *     tracer does not know
 * @param end null while it is open
 * @param errorType name of the class of what was thrown; null where nothing was
 * @param ends how often it was ended, that is, handed on as finished
 */
public record RecordedSpan(
    String traceId,
    String spanId,
    String parentId,
    String operation,
    String target,
    Instant start,
    Instant end,
    Status status,
    String errorType,
    int ends) {

  public RecordedSpan {
    target = target == null ? "" : target;
  }

  /** How the work of a span ended. */
  public enum Status {
    /** Not yet. */
    RUNNING,
    OK,
    ERROR,
    /** Broken off by the caller. */
    CANCELLED,
    /** Refused before the work was begun. */
    REJECTED,
    /** Ended by the tracer, as nobody else would. */
    ABANDONED
  }

  @Override
  public String toString() {
    return operation
        + ' '
        + target
        + " ["
        + status
        + (errorType == null ? "" : " " + simple(errorType))
        + ", ended "
        + ends
        + "x, "
        + start
        + " - "
        + end
        + ']';
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
