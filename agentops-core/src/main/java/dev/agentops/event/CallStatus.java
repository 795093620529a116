package dev.agentops.event;

/** How a call ended. */
public enum CallStatus {
  /** With an answer. */
  OK,
  /** With an exception, an error, or a stream that broke or fell silent. */
  ERROR,
  /** Refused by an interceptor; the wrapped object was not asked. */
  REJECTED,
  /** Cancelled by the caller while it streamed. */
  CANCELLED
}
