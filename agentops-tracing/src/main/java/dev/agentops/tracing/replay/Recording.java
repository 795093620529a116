package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.RecordedMessages;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The model and tool calls of one or more traces, in the order in which they started. Immutable,
 * hence thread-safe.
 */
final class Recording {

  private final List<Span> spans;
  private final List<RecordedCall> calls;

  private Recording(List<Span> spans, List<RecordedCall> calls) {
    this.spans = spans;
    this.calls = calls;
  }

  /**
   * The calls of these traces.
   *
   * @param normalise is applied to every text of the messages and arguments
   * @throws IllegalArgumentException if there are none, or content was not captured in full
   */
  static Recording of(List<Trace> traces, UnaryOperator<String> normalise) {
    List<Span> spans = new ArrayList<>();
    traces.forEach(trace -> spans.addAll(trace.spans()));
    spans.removeIf(span -> span.status() == SpanStatus.RUNNING);
    spans.sort(Comparator.comparing(Span::startTime)); // stable
    List<RecordedCall> calls = new ArrayList<>();
    int modelCalls = 0;
    for (Span span : Calls.of(spans)) {
      if (Calls.isModelCall(span)) {
        calls.add(modelCall(span, modelCalls++, normalise));
      } else {
        calls.add(toolCall(span, modelCalls - 1, normalise));
      }
    }
    if (calls.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing to replay: no model or tool call in trace "
              + traces.stream().map(Trace::traceId).toList());
    }
    return new Recording(List.copyOf(spans), List.copyOf(calls));
  }

  List<RecordedCall> calls() {
    return calls;
  }

  List<RecordedCall> modelCalls() {
    return calls.stream().filter(RecordedCall::isModelCall).toList();
  }

  /** The ids of all spans below one, such as what an agent did that was called as a tool. */
  Set<String> below(Span span) {
    Set<String> found = new HashSet<>(Set.of(span.spanId()));
    boolean more = true;
    while (more) { // a child may be listed before its parent where both started in one instant
      more = false;
      for (Span each : spans) {
        more |= found.contains(String.valueOf(each.parentSpanId())) && found.add(each.spanId());
      }
    }
    found.remove(span.spanId());
    return found;
  }

  private static RecordedCall modelCall(Span span, int step, UnaryOperator<String> normalise) {
    JsonNode messages = Json.valueOf(Calls.text(span, GenAiAttributes.INPUT_MESSAGES));
    if (!messages.isArray()) {
      throw withoutContent(span, "it has no " + GenAiAttributes.INPUT_MESSAGES, null);
    }
    String output = Calls.text(span, GenAiAttributes.OUTPUT_MESSAGES);
    if (output != null) {
      try {
        RecordedMessages.read(output);
      } catch (IllegalArgumentException e) {
        throw withoutContent(span, e.getMessage(), e);
      }
    } else if (span.status() == SpanStatus.OK) {
      throw withoutContent(span, "it has no " + GenAiAttributes.OUTPUT_MESSAGES, null);
    }
    return new RecordedCall(span, step, null, Json.mapTexts(messages, normalise));
  }

  private static RecordedCall toolCall(Span span, int step, UnaryOperator<String> normalise) {
    if (span.status() == SpanStatus.OK && Calls.result(span) == null) {
      throw withoutContent(span, "it has no " + GenAiAttributes.TOOL_CALL_RESULT, null);
    }
    JsonNode arguments = Json.valueOf(Calls.arguments(span));
    return new RecordedCall(span, step, Calls.toolName(span), Json.mapTexts(arguments, normalise));
  }

  private static IllegalArgumentException withoutContent(
      Span span, @Nullable String reason, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "span '"
            + span.name()
            + "' ("
            + span.spanId()
            + ") of trace "
            + span.traceId()
            + " cannot be replayed: "
            + reason
            + (span.attribute(GenAiAttributes.CONTENT_DROPPED) == null
                ? "; record with ContentCapture.FULL"
                : ", because running traces held too much content"),
        cause);
  }
}
