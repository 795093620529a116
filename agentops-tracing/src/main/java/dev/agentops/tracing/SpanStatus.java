package dev.agentops.tracing;

/**
 * How the work of a span ended. To OpenTelemetry, those for which {@link #isError()} holds are
 * errors, and the rest is unset.
 */
public enum SpanStatus {
  /** Not yet. */
  RUNNING,
  /** Without an error. */
  OK,
  /** With an exception, an error, or a stream that broke or fell silent. */
  ERROR,
  /** Refused by an interceptor; what was to be called was not. */
  REJECTED,
  /** Broken off by the caller, as a stream that was cancelled. */
  CANCELLED,
  /** Never ended by whoever started it: a stream thrown away unstarted, or a span forgotten. */
  ABANDONED;

  /** Whether something went wrong: {@link #ERROR}, {@link #REJECTED} or {@link #ABANDONED}. */
  public boolean isError() {
    return this == ERROR || this == REJECTED || this == ABANDONED;
  }
}
