package dev.agentops;

import dev.agentops.event.AgentCallEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.ToolCallEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.service.tool.ToolExecutionResult;
import org.jspecify.annotations.Nullable;

/** Turns a call that ended into its event. */
final class CallEvents {

  private CallEvents() {}

  static ModelCallEvent of(ModelCall call, Outcome<ChatResponse> outcome) {
    ModelCallEvent.Builder event =
        common(call, outcome, ModelCallEvent.CHAT)
            .provider(call.provider())
            .requestModel(call.modelName())
            .streaming(call.streaming())
            .timeToFirstChunk(call.cached() ? null : outcome.timeToFirstChunk())
            .usage(call.usage())
            .savedUsage(call.savedUsage())
            .cost(call.cost())
            .cached(call.cached());
    CachedAnswer cached = call.cachedAnswer();
    if (cached != null) {
      event.savedCost(cached.savedCost().orElse(null));
      event.savedTime(cached.savedTime().orElse(null));
    }
    ChatResponse response = outcome.response();
    if (response != null && response.metadata() != null) {
      event.responseModel(response.modelName());
      event.finishReason(response.finishReason() == null ? null : response.finishReason().name());
    }
    return event.build();
  }

  static ModelCallEvent of(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    ModelCallEvent.Builder event =
        common(call, outcome, ModelCallEvent.EMBEDDINGS)
            .provider(call.provider())
            .requestModel(call.modelName())
            .usage(call.usage())
            .cost(call.cost())
            .cached(call.cached());
    EmbeddingResponse response = outcome.response();
    if (response != null && response.metadata() != null) {
      event.responseModel(response.modelName());
    }
    return event.build();
  }

  static ToolCallEvent of(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    ToolExecutionResult result = outcome.response();
    boolean toolSaysError = result != null && result.isError();
    return ToolCallEvent.builder()
        .timestamp(call.startTime())
        .tool(call.name())
        .status(toolSaysError ? CallStatus.ERROR : outcome.status())
        .errorType(errorType(outcome))
        .duration(call.elapsed())
        .cached(call.cached())
        .traceId(call.traceId())
        .spanId(call.spanId())
        .attributes(call.attributes())
        .build();
  }

  static AgentCallEvent of(AgentCall call, Outcome<Object> outcome) {
    return new AgentCallEvent(
        call.startTime(),
        call.agentName(),
        call.methodName(),
        outcome.status(),
        errorType(outcome),
        call.elapsed(),
        call.modelCalls(),
        call.usage(),
        call.cost(),
        call.traceId(),
        call.spanId(),
        call.attributes());
  }

  private static ModelCallEvent.Builder common(Call call, Outcome<?> outcome, String operation) {
    return ModelCallEvent.builder()
        .timestamp(call.startTime())
        .attributes(call.attributes())
        .operation(operation)
        .status(outcome.status())
        .errorType(errorType(outcome))
        .duration(call.elapsed())
        .traceId(call.traceId())
        .spanId(call.spanId());
  }

  private static @Nullable String errorType(Outcome<?> outcome) {
    Throwable error = outcome.error();
    return error == null ? null : error.getClass().getName();
  }
}
