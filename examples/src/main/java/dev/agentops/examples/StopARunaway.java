package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.Cost;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RunGuardEvent;
import dev.agentops.guard.GuardInterceptor;
import dev.agentops.guard.KillTarget;
import dev.agentops.guard.RunGuard;
import dev.agentops.guard.RunKilledException;
import dev.agentops.guard.RunLimitExceededException;
import dev.agentops.guard.RunLimits;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.Map;

/**
 * An agent whose model asks for the same search for ever is warned and stopped: once by what it
 * does, once by what it costs; then somebody throws the kill switch.
 */
public final class StopARunaway {

  private StopARunaway() {}

  interface Researcher {
    String research(String topic);
  }

  public static void main(String[] args) {
    RunLimits circles = RunLimits.builder().maxIdenticalToolCalls(10).build();
    RunLimits money = RunLimits.builder().maxCost(Cost.usd("0.01")).build();

    System.out.println("-- 10 identical tool calls in a row are enough");
    run(RunGuard.builder().limits(circles).build());
    System.out.println("-- a cent is enough");
    run(RunGuard.builder().limits(money).build());
    System.out.println("-- killed by an operator");
    RunGuard guard = RunGuard.builder().limits(RunLimits.standard()).build();
    guard.kill(KillTarget.agent("Researcher"), "goes in circles, see ticket 4711");
    run(guard);
  }

  private static void run(RunGuard guard) {
    try (CostMonitor costs = CostMonitor.builder().build()) {
      AgentOps ops =
          AgentOps.with(GuardInterceptor.of(guard), CostInterceptor.of(costs))
              .listener(StopARunaway::print)
              .build();
      Researcher researcher =
          ops.aiServices(Researcher.class)
              .chatModel(new StuckModel())
              .tools(Map.of(SEARCH, (request, memoryId) -> "no results"))
              .build();

      researcher.research("the weather of tomorrow");
    } catch (RunLimitExceededException e) {
      System.out.println(
          "  refused: " + e.limit() + " allows " + e.allowed() + "; spent " + calls(e));
    } catch (RunKilledException e) {
      System.out.println("  refused: " + e.getMessage());
    }
  }

  private static String calls(RunLimitExceededException e) {
    return e.spent().modelCalls()
        + " model calls, "
        + e.spent().tokens()
        + " tokens, "
        + e.spent().cost();
  }

  private static void print(OpsEvent event) {
    if (event instanceof ModelCallEvent call && call.usage().isPresent()) {
      System.out.println(
          "  call of "
              + call.usage().get().inputTokens()
              + " + "
              + call.usage().get().outputTokens()
              + " tokens");
    } else if (event instanceof RunGuardEvent guard) {
      System.out.println("  " + guard.type() + ": " + guard.detail());
    }
  }

  private static final ToolSpecification SEARCH =
      ToolSpecification.builder().name("search").description("Searches the web").build();

  /** As recorded: it never sees that the search finds nothing, and its history grows. */
  private static final class StuckModel implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
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
  }
}
