package dev.agentops.tracing;

import dev.agentops.Call;
import dev.agentops.Context;
import dev.agentops.ModelCall;
import dev.agentops.ToolCall;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.observability.api.event.AiServiceCompletedEvent;
import dev.langchain4j.observability.api.event.AiServiceErrorEvent;
import dev.langchain4j.observability.api.event.AiServiceRequestIssuedEvent;
import dev.langchain4j.observability.api.event.AiServiceStartedEvent;
import dev.langchain4j.service.memory.ChatMemoryService;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The spans of the AI services that are running, by what is known of an invocation wherever it goes
 * on: its id, and the requests that it makes.
 *
 * <p>Both are held weakly. LangChain4j hands the one id object through all of an invocation, so
 * that a span whose end is not announced can be collected, and counted, with the invocation.
 */
final class AiServiceSpans {

  private static final String INVOKE_AGENT = "invoke_agent";
  private static final String AGENTIC_SCOPE = "dev.langchain4j.agentic.scope.AgenticScope";

  private static final Map<UUID, Entry> RUNNING = Collections.synchronizedMap(new WeakHashMap<>());

  /** The values are weak, too: the invocation decides how long its span lives. */
  private static final WeakIdentityMap<ChatRequest, WeakReference<TraceContext>> REQUESTS =
      new WeakIdentityMap<>();

  private AiServiceSpans() {}

  static void started(Tracer tracer, AiServiceStartedEvent event) {
    InvocationContext invocation = event.invocationContext();
    Context here = Context.current();
    TraceContext around = tracer.spanIn(here);
    if (around != null && isAgentOf(around, invocation)) {
      RUNNING.put(invocation.invocationId(), new Entry(around, false));
      return;
    }
    String name = invocation.interfaceName();
    String agent = name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
    TraceContext span = tracer.open(here, agent, INVOKE_AGENT);
    RUNNING.put(invocation.invocationId(), new Entry(span, true));
    span.put(GenAiAttributes.OPERATION_NAME, INVOKE_AGENT);
    span.put(GenAiAttributes.AGENT_NAME, agent);
    Object memory = invocation.chatMemoryId();
    if (memory != null && !ChatMemoryService.DEFAULT.equals(memory)) {
      span.put(GenAiAttributes.CONVERSATION_ID, memory.toString());
    }
    if (tracer.capturesContent()) {
      List<ChatMessage> messages = new ArrayList<>();
      event.systemMessage().ifPresent(messages::add);
      messages.add(event.userMessage());
      ChatContent.input(messages, span);
    }
  }

  static void requestIssued(AiServiceRequestIssuedEvent event) {
    Entry entry = RUNNING.get(event.invocationContext().invocationId());
    if (entry != null) {
      REQUESTS.put(event.request(), new WeakReference<>(entry.span()));
    }
  }

  static void completed(AiServiceCompletedEvent event) {
    Entry entry = RUNNING.remove(event.invocationContext().invocationId());
    if (entry != null && entry.opened()) {
      event.result().ifPresent(result -> recordOutput(entry.span(), result));
      entry.span().close();
    }
  }

  static void failed(AiServiceErrorEvent event) {
    Entry entry = RUNNING.remove(event.invocationContext().invocationId());
    if (entry != null && entry.opened()) {
      entry.span().recordError(event.error());
      entry.span().close();
    }
  }

  /** The context of a call, with the span of the AI service that makes it, where one does. */
  static Context contextOf(Call call, Tracer tracer) {
    TraceContext service = serviceOf(call);
    return service != null && service.isOf(tracer)
        ? service.in(call.callerContext())
        : call.callerContext();
  }

  private static @Nullable TraceContext serviceOf(Call call) {
    if (call instanceof ModelCall model) {
      WeakReference<TraceContext> service = REQUESTS.get(model.callerRequest());
      return service == null ? null : service.get();
    }
    if (call instanceof ToolCall tool && tool.invocation() != null) {
      UUID id = tool.invocation().invocationId();
      Entry entry = id == null ? null : RUNNING.get(id);
      return entry == null ? null : entry.span();
    }
    return null;
  }

  private static void recordOutput(TraceContext span, Object result) {
    if (result instanceof ChatResponse response && response.aiMessage() != null) {
      ChatContent.output(response.aiMessage(), null, span);
    } else {
      span.setOutput(result);
    }
  }

  /**
   * Whether the span around is that of the very agent of an agentic system which this service is
   * the inside of: one is enough.
   */
  private static boolean isAgentOf(TraceContext around, InvocationContext invocation) {
    boolean agentic =
        invocation.managedParameters() != null
            && invocation.managedParameters().keySet().stream()
                .anyMatch(type -> type.getName().equals(AGENTIC_SCOPE));
    return agentic && around.isOpen() && around.action().equals(INVOKE_AGENT);
  }

  /**
   * @param opened whether the span is the service's own, to be closed with it
   */
  private record Entry(TraceContext span, boolean opened) {}
}
