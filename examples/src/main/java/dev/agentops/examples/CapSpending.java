package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.cost.Budget;
import dev.agentops.cost.BudgetExceededException;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.examples.llm.LocalLlm;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;

/** Lets each team spend a fixed sum a day, and shows what happens when one has spent it. */
public final class CapSpending {

  private CapSpending() {}

  public static void main(String[] args) {
    Budget perTeam =
        Budget.daily(Cost.usd("0.05"))
            .named("team-daily")
            .per("team")
            .warnAt(0.5, 0.8)
            .rejectWhenExceeded();
    try (LocalLlm llm = LocalLlm.start();
        CostMonitor costs =
            CostMonitor.builder().budget(perTeam).listener(System.out::println).build()) {
      AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).build();
      ChatModel model =
          ops.wrap(
              OpenAiChatModel.builder()
                  .baseUrl(llm.baseUrl().toString())
                  .modelName("gpt-4")
                  .maxTokens(200)
                  .build());

      for (String team :
          new String[] {"search", "search", "search", "search", "search", "support"}) {
        try (Scope scope = ops.scope(Attributes.of("team", team))) {
          model.chat("Count to 100");
          System.out.println(team + " has spent " + costs.costBy("team").get(team));
        } catch (BudgetExceededException e) {
          System.out.println(team + " is refused until " + e.resetsAt());
        }
      }
    }
  }
}
