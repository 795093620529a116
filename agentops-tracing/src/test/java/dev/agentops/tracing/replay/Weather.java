package dev.agentops.tracing.replay;

import dev.agentops.AgentOps;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An agent with two tools that tests record and replay: one asks for the weather, then the time.
 */
final class Weather {

  static final List<ToolSpecification> TOOLS =
      ToolSpecifications.toolSpecificationsFrom(Tools.class);

  private Weather() {}

  interface Assistant {
    String chat(String message);
  }

  static final class Tools {

    @Tool
    String weather(@P("city") String city) {
      return "sunny in " + city;
    }

    @Tool
    String time(@P("city") String city) {
      return "noon in " + city;
    }
  }

  /** Asks for one tool after the other, then says what they said. */
  static ChatModel model() {
    return new Model();
  }

  static ToolExecutionRequest call(String id, String tool, String city) {
    return ToolExecutionRequest.builder()
        .id(id)
        .name(tool)
        .arguments("{\"arg0\": \"" + city + "\"}")
        .build();
  }

  static ChatResponse asking(ToolExecutionRequest... calls) {
    return ChatResponse.builder()
        .id("response-" + calls[0].id())
        .modelName("gpt-4-0613")
        .aiMessage(
            AiMessage.builder()
                .thinking("I need " + calls[0].name())
                .toolExecutionRequests(List.of(calls))
                .build())
        .tokenUsage(new TokenUsage(10, 5))
        .finishReason(FinishReason.TOOL_EXECUTION)
        .build();
  }

  static ChatResponse saying(String text) {
    return ChatResponse.builder()
        .id("response-last")
        .modelName("gpt-4-0613")
        .aiMessage(AiMessage.from(text))
        .tokenUsage(new TokenUsage(20, 7))
        .finishReason(FinishReason.STOP)
        .build();
  }

  static List<String> results(ChatRequest request) {
    return request.messages().stream()
        .filter(ToolExecutionResultMessage.class::isInstance)
        .map(message -> ((ToolExecutionResultMessage) message).text())
        .toList();
  }

  /** What the tools really do. */
  static Map<ToolSpecification, ToolExecutor> tools() {
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
    for (ToolSpecification each : TOOLS) {
      String answer = each.name().equals("weather") ? "sunny" : "noon";
      tools.put(
          each,
          (request, memoryId) ->
              answer + request.arguments().replaceAll(".*: ?\"(.*)\".*", " in $1"));
    }
    return tools;
  }

  static Map<ToolSpecification, ToolExecutor> wrapped(
      AgentOps ops, Map<ToolSpecification, ToolExecutor> tools) {
    Map<ToolSpecification, ToolExecutor> wrapped = new LinkedHashMap<>();
    tools.forEach((specification, tool) -> wrapped.put(specification, ops.wrap(tool)));
    return wrapped;
  }

  static Assistant assistant(ChatModel model, Map<ToolSpecification, ToolExecutor> tools) {
    return AiServices.builder(Assistant.class).chatModel(model).tools(tools).build();
  }

  /** Records a turn. */
  static Trace record(String traceId, Consumer<AgentOps> turn) {
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      try (TraceContext span = tracer.startTrace(traceId, "weather", "invoke_agent")) {
        turn.accept(ops);
      }
      return tracer.findTrace(traceId).orElseThrow();
    }
  }

  /** Records a turn of the assistant. */
  static Trace record(String question) {
    return record(
        "turn", ops -> assistant(ops.wrap(model()), wrapped(ops, tools())).chat(question));
  }

  private static final class Model implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
      List<ChatMessage> messages = request.messages();
      String city = messages.toString().contains("Rome") ? "Rome" : "Oslo";
      List<String> results = results(request);
      return switch (results.size()) {
        case 0 -> asking(call("call-1", "weather", city));
        case 1 -> asking(call("call-2", "time", city));
        default -> saying(String.join(" and ", results));
      };
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return ChatRequestParameters.builder().modelName("gpt-4").build();
    }
  }
}
