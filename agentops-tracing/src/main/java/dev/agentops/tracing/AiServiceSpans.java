package dev.agentops.tracing;

import dev.agentops.Call;
import dev.agentops.Context;
import dev.agentops.ModelCall;
import dev.agentops.RetrievalCall;
import dev.agentops.ToolCall;
import dev.agentops.Usage;
import dev.agentops.UsageReader;
import dev.agentops.WeakIdentityMap;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.observability.api.event.AiServiceCompletedEvent;
import dev.langchain4j.observability.api.event.AiServiceErrorEvent;
import dev.langchain4j.observability.api.event.AiServiceRequestIssuedEvent;
import dev.langchain4j.observability.api.event.AiServiceResponseReceivedEvent;
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
  private static final String RETRIEVAL = "retrieval";
  private static final String AGENTIC_SCOPE = "dev.langchain4j.agentic.scope.AgenticScope";

  private static final int MAXIMUM_REQUESTS = 100_000;

  private static final Map<UUID, Entry> RUNNING = Collections.synchronizedMap(new WeakHashMap<>());

  /** The values are weak, too: the invocation decides how long its span lives. */
  private static final WeakIdentityMap<ChatRequest, WeakReference<TraceContext>> REQUESTS =
      new WeakIdentityMap<>(MAXIMUM_REQUESTS);

  private AiServiceSpans() {}

  static void started(Tracer tracer, AiServiceStartedEvent event) {
    InvocationContext invocation = event.invocationContext();
    Context here = Context.current();
    TraceContext around = tracer.spanIn(here);
    if (around != null && isAgentOf(around, invocation)) {
      RUNNING.put(invocation.invocationId(), new Entry(around, false, new Totals()));
      return;
    }
    String name = invocation.interfaceName();
    String agent = name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
    TraceContext span = tracer.open(here, agent, INVOKE_AGENT);
    RUNNING.put(invocation.invocationId(), new Entry(span, true, new Totals()));
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

  static void responded(AiServiceResponseReceivedEvent event) {
    Entry entry = RUNNING.get(event.invocationContext().invocationId());
    if (entry != null && entry.opened()) {
      entry.totals().add(event.response(), entry.span());
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
    TraceContext service = serviceOf(call, tracer);
    return service != null && service.isOf(tracer)
        ? service.in(call.callerContext())
        : call.callerContext();
  }

  private static @Nullable TraceContext serviceOf(Call call, Tracer tracer) {
    if (call instanceof ModelCall model) {
      WeakReference<TraceContext> service = REQUESTS.get(model.callerRequest());
      return service == null ? null : service.get();
    }
    if (call instanceof ToolCall tool) {
      return serviceOf(tool.invocation());
    }
    if (call instanceof RetrievalCall retrieval && !isInRetrieval(retrieval, tracer)) {
      return serviceOf(retrieval.invocation());
    }
    return null;
  }

  private static @Nullable TraceContext serviceOf(@Nullable InvocationContext invocation) {
    UUID id = invocation == null ? null : invocation.invocationId();
    Entry entry = id == null ? null : RUNNING.get(id);
    return entry == null ? null : entry.span();
  }

  /** Whether it is one of those that a retrieval augmentor makes. */
  private static boolean isInRetrieval(RetrievalCall call, Tracer tracer) {
    TraceContext around = tracer.spanIn(call.callerContext());
    return around != null && around.isOpen() && around.action().equals(RETRIEVAL);
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
  private record Entry(TraceContext span, boolean opened, Totals totals) {}

  /** What the models of one service consumed so far. */
  private static final class Totals {

    private long modelCalls; // guarded by this
    private @Nullable Usage usage; // guarded by this

    synchronized void add(ChatResponse response, TraceContext span) {
      modelCalls++;
      span.put(GenAiAttributes.AGENT_MODEL_CALLS, modelCalls);
      if (response.metadata() == null) {
        return;
      }
      Usage used = UsageReader.read(response.tokenUsage());
      if (used != null) {
        usage = usage == null ? used : usage.plus(used);
        span.recordTotals(usage);
      }
      FinishReason reason = response.finishReason();
      ChatAttributes.recordFinishReason(reason == null ? null : reason.name(), span);
    }
  }
}
