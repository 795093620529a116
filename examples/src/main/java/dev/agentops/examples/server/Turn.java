package dev.agentops.examples.server;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Scope;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.memory.ChatMemory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.MDC;

/**
 * One turn of the assistant: its conversation, scope, trace and tally, from the question to the
 * answer. To be opened, ended and closed by one thread, the one of the HTTP request, which also
 * waits where the answer is streamed.
 */
final class Turn implements AutoCloseable {

  private static final String TRACE_ID = "trace_id";

  private final Question question;
  private final Sessions.Hold conversation;
  private final String modelName;
  private final Scope scope;
  private final TraceContext trace;
  private final TurnMeter.Tally tally;
  private final long startNanos = System.nanoTime();

  Turn(
      Question question,
      Sessions.Hold conversation,
      AgentOps ops,
      Tracer tracer,
      TurnMeter meter,
      String modelName) {
    this.question = question;
    this.conversation = conversation;
    this.modelName = modelName;
    scope =
        ops.scope(
            Attributes.of(
                Attributes.USER_ID, question.user(), Attributes.SESSION_ID, question.sessionId()));
    trace = tracer.startTrace(AssistantAgent.NAME, "invoke_agent");
    trace.setInput(question.message());
    trace.setAttribute("http.request.header.x-request-id", question.requestId());
    tally = meter.watch(trace.traceId());
    MDC.put(TRACE_ID, trace.traceId());
  }

  ChatMemory memory() {
    return conversation.memory();
  }

  /** The answer; the turn becomes a part of its conversation. */
  ChatResponse succeeded(String text) {
    Duration latency = Duration.ofNanos(System.nanoTime() - startNanos);
    TurnMetadata metadata = tally.metadata(modelName, latency);
    trace.setOutput(text);
    trace.setMetadata(notes(metadata));
    conversation.keep();
    return new ChatResponse(text, question.sessionId(), metadata);
  }

  void failed(Throwable failure) {
    if (failure instanceof ClientGoneException) {
      trace.recordCancelled();
    } else {
      trace.recordError(failure);
    }
  }

  @Override
  public void close() {
    MDC.remove(TRACE_ID);
    trace.close();
    scope.close();
    tally.close();
    conversation.close();
  }

  private static Map<String, Object> notes(TurnMetadata metadata) {
    Map<String, Object> notes = new LinkedHashMap<>();
    notes.put("model_calls", metadata.modelCalls());
    notes.put("tool_calls", metadata.toolCalls());
    notes.put("cached", metadata.cached());
    notes.put("total_tokens", metadata.usage().totalTokens());
    if (metadata.cost() != null) {
      notes.put("cost_usd", metadata.cost().toPlainString());
    }
    return notes;
  }
}
