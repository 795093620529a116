package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which model call asked for a tool, so that the tool finds it on whatever thread it
 * runs: LangChain4j hands the very request object of the model's answer to the tool.
 */
final class ToolCallOrigins {

  private final Origins<ToolExecutionRequest, Origin> origins =
      new Origins<>(Origin::isOfTheRunOf, Origin::isOver);

  void remember(@Nullable AiMessage message, ModelCall call) {
    if (message != null && message.hasToolExecutionRequests()) {
      message.toolExecutionRequests().forEach(request -> remember(request, call));
    }
  }

  void remember(ToolExecutionRequest request, ModelCall call) {
    if (call.callerContext() != Context.root() || call.spanId() != null) {
      origins.remember(
          request,
          new Origin(
              Attempt.outside(call.callerContext()),
              call.traceId(),
              call.spanId(),
              specification(request, call.request().toolSpecifications())));
    }
  }

  /**
   * Null where it is not known who asked for this, or it was taken already.
   *
   * @param agent whose model asked, where that is known
   */
  @Nullable Origin take(ToolExecutionRequest request, @Nullable AgentCall agent) {
    return agent == null
        ? origins.take(request)
        : origins.take(request, origin -> origin.agent() == agent);
  }

  int size() {
    return origins.size();
  }

  private static @Nullable ToolSpecification specification(
      ToolExecutionRequest request, @Nullable List<ToolSpecification> tools) {
    if (tools != null) {
      for (ToolSpecification tool : tools) {
        if (Objects.equals(tool.name(), request.name())) {
          return tool;
        }
      }
    }
    return null;
  }

  /** The model call that asked: in which context, recorded in which span, offered which tool. */
  record Origin(
      Context context,
      @Nullable String traceId,
      @Nullable String spanId,
      @Nullable ToolSpecification specification) {

    @Nullable AgentCall agent() {
      return context.get(AgentCall.KEY);
    }

    boolean isOfTheRunOf(Origin other) {
      return context == other.context || (agent() != null && agent() == other.agent());
    }

    boolean isOver() {
      AgentCall agent = agent();
      return agent != null && agent.hasEnded();
    }
  }
}
