package dev.agentops.tracing;

/** On which side of a border a span's work was done, as OpenTelemetry tells it. */
public enum SpanKind {
  /** Inside this process. */
  INTERNAL,
  /** By a remote system that this process asked. */
  CLIENT
}
