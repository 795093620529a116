package dev.agentops.tracing;

import dev.agentops.AgentCall;
import dev.agentops.AgentInterceptor;
import dev.agentops.Attributes;
import dev.agentops.CachedAnswer;
import dev.agentops.Call;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.GuardrailCall;
import dev.agentops.GuardrailInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.RetrievalCall;
import dev.agentops.RetrievalInterceptor;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.guardrail.GuardrailResult;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Records every call of a wrapped model or tool as a span, a child of the caller's current span.
 *
 * <p>The span's agent is that of its parent, else the {@code gen_ai.agent.name} of the scope, else
 * the model or tool itself. Names and attributes are those of {@link GenAiAttributes}. Messages
 * become JSON when they are read, not while the agent runs.
 *
 * <p>Put it first in the chain: it then sees answers of caches and refusals of limiters, and what
 * the call cost. Thread-safe.
 */
public final class TracingInterceptor
    implements ChatInterceptor,
        ToolInterceptor,
        EmbeddingInterceptor,
        AgentInterceptor,
        RetrievalInterceptor,
        GuardrailInterceptor {

  private static final String CHAT = "chat";
  private static final String EMBEDDINGS = "embeddings";
  private static final String INVOKE_AGENT = "invoke_agent";
  private static final String RETRIEVAL = "retrieval";
  private static final String GUARDRAIL = "guardrail";
  private static final String GUARDRAIL_FAILURE = "guardrail_failure";

  private static final double NANOS_PER_SECOND = 1e9;
  private static final Attributes REQUESTED_BY =
      Attributes.of(GenAiAttributes.LINK_TYPE, "requested_by");

  private final Tracer tracer;
  private final Key<TraceContext> spanOfCall = Key.of("span of the call");

  private TracingInterceptor(Tracer tracer) {
    this.tracer = Objects.requireNonNull(tracer, "tracer");
  }

  /** An interceptor that records on this tracer, which stays the caller's to close. */
  public static TracingInterceptor of(Tracer tracer) {
    return new TracingInterceptor(tracer);
  }

  @Override
  public void before(AgentCall call) {
    TraceContext span = open(call, INVOKE_AGENT, call.agentName(), SpanKind.INTERNAL);
    span.put(GenAiAttributes.AGENT_NAME, call.agentName());
    span.put(GenAiAttributes.AGENT_ID, call.interfaceName());
    span.put(GenAiAttributes.AGENT_METHOD, call.methodName());
    if (tracer.capturesContent()) {
      List<@Nullable Object> arguments = call.arguments();
      span.setInput(arguments.size() == 1 ? arguments.get(0) : arguments);
    }
  }

  @Override
  public void after(AgentCall call, Outcome<Object> outcome) {
    end(
        call,
        outcome,
        span -> {
          span.recordTotals(call.usage()); // what it cost is on the spans of its model calls
          span.put(GenAiAttributes.AGENT_MODEL_CALLS, (long) call.modelCalls());
          String finishReason = ChatAttributes.recordFinishReason(call.finishReason(), span);
          if (tracer.capturesContent()) {
            AgentContent.record(call.userMessage(), outcome.response(), finishReason, span);
          }
        });
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    TraceContext span = open(call, CHAT, call.modelName(), SpanKind.CLIENT);
    span.put(GenAiAttributes.PROVIDER_NAME, call.provider());
    span.put(GenAiAttributes.REQUEST_MODEL, call.modelName());
    span.put(GenAiAttributes.REQUEST_SEED, call.seed());
    span.put(GenAiAttributes.REQUEST_STREAM, call.streaming() ? true : null);
    ChatContent.request(
        call.request().messages(), call.request().toolSpecifications(), call.provider(), span);
    ChatAttributes.describe(call.request().parameters(), span);
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    end(
        call,
        outcome,
        span -> {
          span.recordUsage(call.usage(), call.cost());
          CachedAnswer cached = call.cachedAnswer();
          if (cached != null) {
            describe(cached, span);
          }
          recordStream(outcome, span);
          ChatResponse response = outcome.response();
          if (response != null) {
            describe(response, span);
          } else if (!outcome.streamedText().isEmpty()) {
            ChatContent.output(AiMessage.from(outcome.streamedText()), null, span);
          }
        });
  }

  @Override
  public @Nullable ToolExecutionResult before(ToolCall call) {
    TraceContext announced = AnnouncedTool.spanOf(call, tracer);
    TraceContext span =
        announced == null
            ? open(call, ToolContent.EXECUTE_TOOL, call.name(), SpanKind.INTERNAL)
            : goOn(call, announced);
    ToolContent.request(call.request(), span);
    ToolSpecification specification = call.specification();
    span.put(
        GenAiAttributes.TOOL_DESCRIPTION,
        specification == null ? null : specification.description());
    String askingTraceId = call.askingTraceId();
    String askingSpanId = call.askingSpanId();
    if (askingTraceId != null && askingSpanId != null) {
      span.link(new SpanLink(askingTraceId, askingSpanId, REQUESTED_BY));
    }
    return null;
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    end(
        call,
        outcome,
        span -> {
          span.put(GenAiAttributes.CACHED, call.cached() ? true : null);
          ToolExecutionResult result = outcome.response();
          if (result != null) {
            String text = tracer.capturesContent() ? ToolCall.text(result) : null;
            ToolContent.result(text, result.isError(), span);
          }
        });
  }

  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    TraceContext span = open(call, EMBEDDINGS, call.modelName(), SpanKind.CLIENT);
    span.put(GenAiAttributes.PROVIDER_NAME, call.provider());
    span.put(GenAiAttributes.REQUEST_MODEL, call.modelName());
    span.setInput(call.texts());
    return null;
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    end(
        call,
        outcome,
        span -> {
          span.recordUsage(call.usage(), call.cost());
          span.put(GenAiAttributes.CACHED, call.cached() ? true : null);
          EmbeddingResponse response = outcome.response();
          if (response == null) {
            return;
          }
          if (response.metadata() != null) {
            span.put(GenAiAttributes.RESPONSE_MODEL, response.modelName());
          }
          if (!response.embeddings().isEmpty()) {
            span.put(
                GenAiAttributes.EMBEDDINGS_DIMENSION_COUNT,
                (long) response.embeddings().get(0).dimension());
          }
        });
  }

  @Override
  public void before(RetrievalCall call) {
    TraceContext span = open(call, RETRIEVAL, call.dataSource(), SpanKind.CLIENT);
    span.put(GenAiAttributes.DATA_SOURCE_ID, call.dataSource());
    if (tracer.capturesContent()) {
      span.setInput(call.query());
      span.put(GenAiAttributes.RETRIEVAL_QUERY_TEXT, call.query());
    }
  }

  @Override
  public void after(RetrievalCall call, Outcome<List<Content>> outcome) {
    end(
        call,
        outcome,
        span -> {
          List<Content> contents = outcome.response();
          if (contents == null) {
            return;
          }
          span.put(GenAiAttributes.RETRIEVAL_DOCUMENT_COUNT, (long) contents.size());
          if (tracer.capturesContent()) {
            LazyText documents = RetrievalJson.documents(contents);
            span.setOutput(documents);
            span.put(GenAiAttributes.RETRIEVAL_DOCUMENTS, documents);
          }
        });
  }

  /** LangChain4j tells of a guardrail when it is done: the span starts in the past. */
  @Override
  public void after(GuardrailCall call, Outcome<GuardrailResult<?>> outcome) {
    TraceContext started = open(call, GUARDRAIL, call.name(), SpanKind.INTERNAL);
    started.startedEarlier(call.duration());
    end(
        call,
        outcome,
        span -> {
          span.put(GenAiAttributes.GUARDRAIL_NAME, call.name());
          span.put(GenAiAttributes.GUARDRAIL_TYPE, call.type().name().toLowerCase(Locale.ROOT));
          GuardrailResult<?> result = outcome.response();
          if (result == null) {
            return;
          }
          String verdict = result.result().name().toLowerCase(Locale.ROOT);
          span.put(GenAiAttributes.GUARDRAIL_RESULT, verdict);
          if (!result.isSuccess()) {
            // not the failures' messages, which may quote content
            span.fail(SpanStatus.ERROR, "the guardrail's result is " + verdict, GUARDRAIL_FAILURE);
          }
          if (tracer.capturesContent()) {
            span.setOutput(result.toString());
          }
        });
  }

  private TraceContext open(Call call, String operation, @Nullable String target, SpanKind kind) {
    Context context = AiServiceSpans.contextOf(call, tracer);
    TraceContext span = goOn(call, tracer.open(context, agent(call, context, target), operation));
    span.describe(target == null ? operation : operation + ' ' + target, kind);
    span.put(GenAiAttributes.OPERATION_NAME, operation);
    span.put(GenAiAttributes.CONVERSATION_ID, conversation(call));
    return span;
  }

  private TraceContext goOn(Call call, TraceContext span) {
    call.put(spanOfCall, span); // before anything that may fail, so that it ends in any case
    call.addToContext(tracer.key(), span);
    call.recordSpan(span.traceId(), span.spanId());
    return span;
  }

  /** Ends the span of a call, whatever becomes of the attempt to describe it. */
  private void end(Call call, Outcome<?> outcome, Consumer<TraceContext> describe) {
    TraceContext span = call.get(spanOfCall);
    if (span == null) { // before failed to open one
      return;
    }
    try {
      record(outcome, span);
      describe.accept(span);
    } finally {
      span.end();
    }
  }

  /** The memory of the agent that makes the call, else the session of the scope. */
  private static @Nullable String conversation(Call call) {
    AgentCall agent = call instanceof AgentCall itself ? itself : call.agent();
    String memory = agent == null ? null : agent.conversationId();
    return memory != null ? memory : call.attributes().text(Attributes.SESSION_ID);
  }

  private @Nullable String agent(Call call, Context context, @Nullable String target) {
    if (call instanceof AgentCall agent) {
      return agent.agentName();
    }
    TraceContext parent = tracer.spanIn(context);
    if (parent != null) {
      return parent.agentName();
    }
    String scoped = context.attributes().text(Attributes.AGENT_NAME);
    return scoped != null ? scoped : target;
  }

  private static void describe(CachedAnswer cached, TraceContext span) {
    span.put(GenAiAttributes.CACHED, true);
    span.put(GenAiAttributes.CACHE_JOINED, cached.joined() ? true : null);
    span.put(GenAiAttributes.CACHE_LEVEL, cached.level().orElse(null));
    span.put(GenAiAttributes.CACHE_AGE_SECONDS, seconds(cached.age().orElse(null)));
    span.put(
        GenAiAttributes.CACHE_SAVED_USD,
        cached.savedCost().map(cost -> cost.usd().toPlainString()).orElse(null));
    span.put(GenAiAttributes.CACHE_SAVED_SECONDS, seconds(cached.savedTime().orElse(null)));
  }

  private void describe(ChatResponse response, TraceContext span) {
    String finishReason = null;
    if (response.metadata() != null) {
      span.put(GenAiAttributes.RESPONSE_ID, response.id());
      span.put(GenAiAttributes.RESPONSE_MODEL, response.modelName());
      FinishReason reason = response.finishReason();
      finishReason = ChatAttributes.recordFinishReason(reason == null ? null : reason.name(), span);
    }
    if (response.aiMessage() != null) {
      ChatContent.output(response.aiMessage(), finishReason, span);
    }
  }

  private static void record(Outcome<?> outcome, TraceContext span) {
    Throwable error = outcome.cause(); // what the agent sees stays as it is
    String text = error == null ? null : TraceContext.describe(error);
    String type = error == null ? null : error.getClass().getName();
    switch (outcome.status()) {
      case OK -> {}
      case ERROR -> span.fail(SpanStatus.ERROR, text, type);
      case REJECTED -> span.fail(SpanStatus.REJECTED, text, type);
      case CANCELLED -> {
        if (outcome.isAbandoned()) {
          span.abandon("the stream was thrown away before it had started");
        } else {
          span.recordCancelled();
        }
      }
    }
  }

  private static void recordStream(Outcome<?> outcome, TraceContext span) {
    span.put(GenAiAttributes.RESPONSE_TIME_TO_FIRST_CHUNK, seconds(outcome.timeToFirstChunk()));
    if (outcome.streamedChunks() > 0) {
      span.put(GenAiAttributes.STREAM_CHUNKS, (long) outcome.streamedChunks());
      span.put(GenAiAttributes.STREAM_MAX_GAP, seconds(outcome.longestGap()));
      span.put(GenAiAttributes.STREAM_MEAN_GAP, seconds(outcome.meanGap()));
    }
  }

  private static @Nullable Double seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toNanos() / NANOS_PER_SECOND;
  }
}
