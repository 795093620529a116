package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One model or tool call of the record.
 *
 * @param span what was recorded
 * @param step the number of a model call, from 0 on; for a tool call, that of the last model call
 *     that started before it, -1 where there is none
 * @param tool the name of the tool; null for a model call
 * @param input the messages, or the tool's arguments
 */
record RecordedCall(Span span, int step, @Nullable String tool, JsonNode input) {

  boolean isModelCall() {
    return tool == null;
  }

  boolean hasId(@Nullable String toolCallId) {
    return Objects.equals(Calls.text(span, GenAiAttributes.TOOL_CALL_ID), toolCallId);
  }

  /**
   * Whether it ended before the model was asked: by the refusal or the cached answer of an
   * interceptor.
   */
  boolean endedBeforeTheModel() {
    return span.status() == SpanStatus.REJECTED
        || Boolean.TRUE.equals(span.attribute(GenAiAttributes.CACHED));
  }

  /** What it threw, of a call that did not end well. */
  RecordedErrorException error() {
    String error = String.valueOf(span.error() == null ? span.status() : span.error());
    String known = Calls.text(span, GenAiAttributes.ERROR_TYPE);
    String type = known == null ? error : known;
    String prefix = type + ": "; // as the toString() of a throwable has it
    String message = error.startsWith(prefix) ? error.substring(prefix.length()) : error;
    return new RecordedErrorException(type, message, span.status());
  }

  /** As a reader of the trace would call it, without content. */
  String describe() {
    return isModelCall() ? "model call " + step : describeTool(String.valueOf(tool), step);
  }

  static String describeTool(String tool, int step) {
    return "tool call " + tool + (step < 0 ? "" : " after model call " + step);
  }
}
