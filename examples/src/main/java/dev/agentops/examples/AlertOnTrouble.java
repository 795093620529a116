package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.Cost;
import dev.agentops.alerts.AlertManager;
import dev.agentops.alerts.handler.LogAlertHandler;
import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;

/** Tells someone when too many model calls fail; here the model is told to fail. */
public final class AlertOnTrouble {

  private AlertOnTrouble() {}

  public static void main(String[] args) {
    try (LocalLlm llm = LocalLlm.builder().fault(Fault.STATUS, "500").start();
        AlertManager alerts =
            AlertManager.builder()
                .errorRateThreshold(0.1)
                .responseTimeThreshold(Duration.ofSeconds(5))
                .costPerHourThreshold(Cost.usd("10"))
                .handler(LogAlertHandler.create())
                .handler(alert -> System.out.println(alert.level() + ": " + alert.message()))
                .build()) {
      AgentOps ops = AgentOps.with().listener(alerts).build();
      ChatModel model =
          ops.wrap(
              OpenAiChatModel.builder()
                  .baseUrl(llm.baseUrl().toString())
                  .modelName("gpt-4o-mini")
                  .maxRetries(0)
                  .build());
      for (int i = 0; i < 12; i++) {
        try {
          model.chat("Hello!");
        } catch (RuntimeException e) {
          // what the alert is about
        }
      }
      alerts.flush(Duration.ofSeconds(10));
    }
  }
}
