package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.agentops.Usage;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
    implements ChatInterceptor, ToolInterceptor, EmbeddingInterceptor {

  private static final String CHAT = "chat";
  private static final String EMBEDDINGS = "embeddings";
  private static final String EXECUTE_TOOL = "execute_tool";
  private static final String TOOL_ERROR = "tool_error";
  private static final double NANOS_PER_SECOND = 1e9;

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
  public @Nullable ChatResponse before(ModelCall call) {
    TraceContext span = open(call, CHAT, call.modelName(), SpanKind.CLIENT);
    span.put(GenAiAttributes.PROVIDER_NAME, call.provider());
    span.put(GenAiAttributes.REQUEST_MODEL, call.modelName());
    span.put(GenAiAttributes.REQUEST_STREAM, call.streaming() ? true : null);
    if (tracer.capturesContent()) {
      LazyText messages = ChatMessageJson.input(call.request().messages());
      span.setInput(messages);
      span.put(GenAiAttributes.INPUT_MESSAGES, messages);
    }
    describe(call.request().parameters(), span);
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    TraceContext span = call.get(spanOfCall);
    if (span == null) { // before failed to open one
      return;
    }
    try {
      record(outcome, span);
      record(call.usage(), call.cost(), span);
      span.put(GenAiAttributes.CACHED, call.cached() ? true : null);
      Duration first = outcome.timeToFirstChunk();
      span.put(
          GenAiAttributes.RESPONSE_TIME_TO_FIRST_CHUNK,
          first == null ? null : first.toNanos() / NANOS_PER_SECOND);
      ChatResponse response = outcome.response();
      if (response != null) {
        describe(response, span);
      } else if (tracer.capturesContent() && !outcome.streamedText().isEmpty()) {
        recordOutput(AiMessage.from(outcome.streamedText()), null, span);
      }
    } finally {
      span.end();
    }
  }

  @Override
  public @Nullable ToolExecutionResult before(ToolCall call) {
    TraceContext span = open(call, EXECUTE_TOOL, call.name(), SpanKind.INTERNAL);
    span.put(GenAiAttributes.TOOL_NAME, call.name());
    span.put(GenAiAttributes.TOOL_CALL_ID, call.request().id());
    span.put(GenAiAttributes.TOOL_TYPE, "function");
    if (tracer.capturesContent()) {
      span.setInput(call.request().arguments());
      span.put(GenAiAttributes.TOOL_CALL_ARGUMENTS, call.request().arguments());
    }
    return null;
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    TraceContext span = call.get(spanOfCall);
    if (span == null) {
      return;
    }
    try {
      record(outcome, span);
      ToolExecutionResult result = outcome.response();
      if (result != null) {
        if (result.isError()) {
          // not the result's text, which is content
          span.fail(SpanStatus.ERROR, "the tool's result is marked as an error", TOOL_ERROR);
        }
        if (tracer.capturesContent()) {
          String text = ToolCall.text(result);
          span.setOutput(text);
          span.put(GenAiAttributes.TOOL_CALL_RESULT, text);
        }
      }
    } finally {
      span.end();
    }
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
    TraceContext span = call.get(spanOfCall);
    if (span == null) {
      return;
    }
    try {
      record(outcome, span);
      record(call.usage(), call.cost(), span);
      EmbeddingResponse response = outcome.response();
      if (response != null) {
        if (response.metadata() != null) {
          span.put(GenAiAttributes.RESPONSE_MODEL, response.modelName());
        }
        if (!response.embeddings().isEmpty()) {
          span.put(
              GenAiAttributes.EMBEDDINGS_DIMENSION_COUNT,
              (long) response.embeddings().get(0).dimension());
        }
      }
    } finally {
      span.end();
    }
  }

  private TraceContext open(Call call, String operation, @Nullable String target, SpanKind kind) {
    Context context = AiServiceSpans.contextOf(call, tracer);
    TraceContext span = tracer.open(context, agent(context, target), operation);
    call.put(spanOfCall, span); // before anything that may fail, so that it ends in any case
    call.addToContext(tracer.key(), span);
    call.recordSpan(span.traceId(), span.spanId());
    span.describe(target == null ? operation : operation + ' ' + target, kind);
    span.put(GenAiAttributes.OPERATION_NAME, operation);
    span.put(GenAiAttributes.CONVERSATION_ID, call.attributes().text(Attributes.SESSION_ID));
    return span;
  }

  private @Nullable String agent(Context context, @Nullable String target) {
    TraceContext parent = tracer.spanIn(context);
    if (parent != null) {
      return parent.agentName();
    }
    String scoped = context.attributes().text(Attributes.AGENT_NAME);
    return scoped != null ? scoped : target;
  }

  private static void describe(ChatRequestParameters parameters, TraceContext span) {
    span.put(GenAiAttributes.REQUEST_TEMPERATURE, parameters.temperature());
    span.put(GenAiAttributes.REQUEST_TOP_P, parameters.topP());
    span.put(GenAiAttributes.REQUEST_TOP_K, parameters.topK());
    span.put(GenAiAttributes.REQUEST_MAX_TOKENS, parameters.maxOutputTokens());
    span.put(GenAiAttributes.REQUEST_FREQUENCY_PENALTY, parameters.frequencyPenalty());
    span.put(GenAiAttributes.REQUEST_PRESENCE_PENALTY, parameters.presencePenalty());
    List<String> stops = parameters.stopSequences();
    if (stops != null && !stops.isEmpty()) {
      span.setAttribute(GenAiAttributes.REQUEST_STOP_SEQUENCES, stops);
    }
    if (parameters.responseFormat() != null) {
      boolean json = parameters.responseFormat().type() == ResponseFormatType.JSON;
      span.put(GenAiAttributes.OUTPUT_TYPE, json ? "json" : "text");
    }
  }

  private void describe(ChatResponse response, TraceContext span) {
    String finishReason = null;
    if (response.metadata() != null) {
      span.put(GenAiAttributes.RESPONSE_ID, response.id());
      span.put(GenAiAttributes.RESPONSE_MODEL, response.modelName());
      finishReason = semconv(response.finishReason());
      if (finishReason != null) {
        span.setAttribute(GenAiAttributes.RESPONSE_FINISH_REASONS, List.of(finishReason));
      }
    }
    if (tracer.capturesContent() && response.aiMessage() != null) {
      recordOutput(response.aiMessage(), finishReason, span);
    }
  }

  private static void recordOutput(
      AiMessage message, @Nullable String finishReason, TraceContext span) {
    LazyText messages = ChatMessageJson.output(message, finishReason);
    span.setOutput(messages);
    span.put(GenAiAttributes.OUTPUT_MESSAGES, messages);
  }

  private static void record(Outcome<?> outcome, TraceContext span) {
    Throwable error = outcome.error();
    String text = error == null ? null : TraceContext.describe(error);
    String type = error == null ? null : error.getClass().getName();
    switch (outcome.status()) {
      case OK -> {}
      case ERROR -> span.fail(SpanStatus.ERROR, text, type);
      case REJECTED -> span.fail(SpanStatus.REJECTED, text, type);
      case CANCELLED -> span.fail(SpanStatus.CANCELLED, null, null);
    }
  }

  private static void record(@Nullable Usage usage, @Nullable Cost cost, TraceContext span) {
    if (usage != null) {
      span.put(GenAiAttributes.USAGE_INPUT_TOKENS, usage.inputTokens());
      span.put(GenAiAttributes.USAGE_OUTPUT_TOKENS, usage.outputTokens());
      putPart(GenAiAttributes.USAGE_CACHE_READ_INPUT_TOKENS, usage.cacheReadTokens(), span);
      putPart(GenAiAttributes.USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cacheWriteTokens(), span);
      putPart(GenAiAttributes.USAGE_REASONING_OUTPUT_TOKENS, usage.reasoningTokens(), span);
    }
    span.put(GenAiAttributes.COST_USD, cost == null ? null : cost.usd().toPlainString());
  }

  private static void putPart(String name, long tokens, TraceContext span) {
    if (tokens != 0) {
      span.put(name, tokens);
    }
  }

  private static @Nullable String semconv(@Nullable FinishReason reason) {
    return reason == null
        ? null
        : reason == FinishReason.TOOL_EXECUTION
            ? "tool_call"
            : reason.name().toLowerCase(Locale.ROOT);
  }
}
