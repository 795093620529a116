package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.util.Objects;

/**
 * A span that caused this one without being its parent, such as the model call that asked for a
 * tool.
 *
 * @param traceId the trace of the other span
 * @param spanId the other span
 * @param attributes more about the relation
 */
public record SpanLink(String traceId, String spanId, Attributes attributes) {

  public SpanLink {
    Objects.requireNonNull(traceId, "traceId");
    Objects.requireNonNull(spanId, "spanId");
    Objects.requireNonNull(attributes, "attributes");
  }
}
