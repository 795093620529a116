package dev.agentops.tracing.replay;

import dev.agentops.AgentOpsException;
import dev.agentops.tracing.SpanStatus;

/**
 * What a recorded call threw, thrown again in its place: the original class need not be there, and
 * often cannot be made.
 *
 * <p>Its message is the original one alone, because an AI service tells the model the message of
 * what a tool threw; where there was none, the original class, as an AI service does.
 */
public final class RecordedErrorException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final String errorType;
  private final SpanStatus status;

  RecordedErrorException(String errorType, String message, SpanStatus status) {
    super(message);
    this.errorType = errorType;
    this.status = status;
  }

  /** The name of the class of what was thrown, as far as the record tells. */
  public String errorType() {
    return errorType;
  }

  /**
   * {@link SpanStatus#ERROR} for a failure, {@link SpanStatus#REJECTED} for the refusal of an
   * interceptor, {@link SpanStatus#CANCELLED} for a stream that the caller broke off, {@link
   * SpanStatus#ABANDONED} for a call that never ended.
   */
  public SpanStatus status() {
    return status;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + ": recorded " + errorType + ": " + getMessage();
  }
}
