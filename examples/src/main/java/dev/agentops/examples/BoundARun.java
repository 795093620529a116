package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.Cost;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.guard.GuardInterceptor;
import dev.agentops.guard.Run;
import dev.agentops.guard.RunGuard;
import dev.agentops.guard.RunLimitExceededException;
import dev.agentops.guard.RunLimits;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * An agent that never ends, stopped by each limit of a run: once that answers, once that streams.
 */
public final class BoundARun {

  private static final Map<ToolSpecification, ToolExecutor> TOOLS =
      Map.of(
          ToolSpecification.builder().name("search").description("Searches the web").build(),
          (request, memoryId) -> "no results");

  private BoundARun() {}

  interface Researcher {
    String research(String topic);
  }

  interface StreamingResearcher {
    TokenStream research(String topic);
  }

  public static void main(String[] args) {
    List<RunLimits.Builder> bounds =
        List.of(
            RunLimits.builder().maxModelCalls(5),
            RunLimits.builder().maxToolCalls(5),
            RunLimits.builder().maxTokens(1_000),
            RunLimits.builder().maxCost(Cost.usd("0.005")),
            RunLimits.builder().maxDuration(Duration.ofMillis(300)),
            RunLimits.builder().maxIdenticalToolCalls(5),
            RunLimits.builder().maxRepeatedCycles(5),
            RunLimits.builder().maxStalledAnswers(5),
            RunLimits.builder().maxDepth(2));
    for (RunLimits.Builder bound : bounds) {
      RunLimits limits = bound.build();
      System.out.println("answering: " + stoppedBy(limits, BoundARun::answer));
      System.out.println("streaming: " + stoppedBy(limits, BoundARun::stream));
    }
  }

  private static String stoppedBy(RunLimits limits, Agent agent) {
    RunGuard guard = RunGuard.builder().limits(limits).build();
    try (CostMonitor costs = CostMonitor.builder().build();
        Run planner = guard.run("planner");
        Run researcher = guard.run("researcher")) {
      agent.run(AgentOps.with(GuardInterceptor.of(guard), CostInterceptor.of(costs)).build());
      return "not at all";
    } catch (RunLimitExceededException e) {
      return e.limit() + "(" + e.allowed() + ") after " + e.spent().modelCalls() + " model calls";
    }
  }

  private static void answer(AgentOps ops) {
    ops.aiServices(Researcher.class)
        .chatModel(new StuckModel())
        .tools(TOOLS)
        .build()
        .research("the weather of tomorrow");
  }

  private static void stream(AgentOps ops) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    ops.aiServices(StreamingResearcher.class)
        .streamingChatModel(new StuckStreamingModel())
        .tools(TOOLS)
        .build()
        .research("the weather of tomorrow")
        .onPartialResponse(partial -> {})
        .onCompleteResponse(response -> end.complete(null))
        .onError(end::complete)
        .start();
    if (end.join() instanceof RunLimitExceededException stopped) {
      throw stopped;
    }
  }

  /** As recorded: whatever it is told, it asks for the same search. */
  private static final class StuckModel implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
      pause();
      ToolExecutionRequest search =
          ToolExecutionRequest.builder()
              .id("call-" + request.messages().size())
              .name("search")
              .arguments("{\"query\": \"weather tomorrow\"}")
              .build();
      return ChatResponse.builder()
          .aiMessage(AiMessage.from(search))
          .modelName("gpt-4o")
          .tokenUsage(new TokenUsage(40 + 30 * request.messages().size(), 25))
          .build();
    }

    /** Models take their time; without it the limit of time would not be the first to be passed. */
    private static void pause() {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class StuckStreamingModel implements StreamingChatModel {

    private final StuckModel model = new StuckModel();

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      handler.onCompleteResponse(model.doChat(request));
    }
  }

  private interface Agent {
    void run(AgentOps ops);
  }
}
