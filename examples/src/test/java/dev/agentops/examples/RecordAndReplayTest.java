package dev.agentops.examples;

import static dev.agentops.tracing.replay.TraceAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.agentops.tracing.replay.Replay;
import dev.agentops.tracing.replay.TraceFile;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A test as an application would have it: a run that was recorded once is replayed offline. */
class RecordAndReplayTest {

  private static final List<ToolSpecification> TOOLS =
      ToolSpecifications.toolSpecificationsFrom(Orders.class);

  interface Support {
    String chat(String question);
  }

  static final class Orders {

    @Tool("The state of an order")
    String findOrder(String number) {
      return "order " + number + " was lost";
    }

    @Tool("Gives the money for an order back")
    String refund(String number) {
      return "refunded order " + number;
    }
  }

  @Test
  void refund_isFoundAndGiven(@TempDir Path directory) {
    Path file = directory.resolve("refund.jsonl"); // of a real test, under src/test/resources
    record(file, new ModelOfTheDay());

    Replay replay = Replay.load(file, "refund");
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      Support support =
          AiServices.builder(Support.class)
              .chatModel(ops.wrap(replay.chatModel()))
              .tools(wrapped(ops, replay.tools(TOOLS)))
              .build();

      try (TraceContext turn = tracer.startTrace("replayed", "support", "invoke_agent")) {
        turn.setOutput(support.chat("Where is order 4711?"));
      }

      replay.verifyFinished(); // nothing else was asked, and nothing less
      assertThat(tracer.findTrace("replayed").orElseThrow())
          .calledTools("findOrder", "refund")
          .modelCallsAtMost(3)
          .tokensBelow(1_000)
          .fasterThan(Duration.ofMinutes(1))
          .hasNoLoop()
          .hasNoErrors()
          .outputContains("refunded order 4711");
    }
  }

  /** Once, with the real model and the real tools. */
  private static void record(Path file, ChatModel model) {
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      Orders orders = new Orders();
      Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
      for (ToolSpecification each : TOOLS) {
        tools.put(
            each,
            (request, memoryId) ->
                new DefaultToolExecutor(orders, request).execute(request, memoryId));
      }
      Support support =
          AiServices.builder(Support.class)
              .chatModel(ops.wrap(model))
              .tools(wrapped(ops, tools))
              .build();
      try (TraceContext turn = tracer.startTrace("refund", "support", "invoke_agent")) {
        turn.setOutput(support.chat("Where is order 4711?"));
      }
      Trace trace = tracer.findTrace("refund").orElseThrow();
      TraceFile.write(file, trace);
      assertThat(TraceFile.read(file).spans()).hasSameSizeAs(trace.spans());
    }
  }

  private static Map<ToolSpecification, ToolExecutor> wrapped(
      AgentOps ops, Map<ToolSpecification, ToolExecutor> tools) {
    Map<ToolSpecification, ToolExecutor> wrapped = new LinkedHashMap<>();
    tools.forEach((specification, tool) -> wrapped.put(specification, ops.wrap(tool)));
    return wrapped;
  }

  /** Stands for the provider's: looks the order up, refunds it, and says so. */
  private static final class ModelOfTheDay implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
      List<String> results =
          request.messages().stream()
              .filter(ToolExecutionResultMessage.class::isInstance)
              .map(message -> ((ToolExecutionResultMessage) message).text())
              .toList();
      AiMessage answer =
          switch (results.size()) {
            case 0 -> AiMessage.from(call("findOrder"));
            case 1 -> AiMessage.from(call("refund"));
            default -> AiMessage.from(String.join(", ", results));
          };
      return ChatResponse.builder().aiMessage(answer).tokenUsage(new TokenUsage(40, 10)).build();
    }

    private static ToolExecutionRequest call(String tool) {
      String parameter = TOOLS.get(0).parameters().properties().keySet().iterator().next();
      return ToolExecutionRequest.builder()
          .id("call-" + tool)
          .name(tool)
          .arguments("{\"" + parameter + "\": \"4711\"}")
          .build();
    }
  }
}
