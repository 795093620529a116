package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import dev.agentops.http.AgentHttpClient;
import dev.agentops.resilience.CircuitBreaker;
import dev.agentops.resilience.Resilience;
import dev.agentops.resilience.Retry;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;

/**
 * Goes on while a provider is down: retries, falls back to another model, stops asking the one that
 * fails, and returns to it when it is well again.
 */
public final class SurviveAnOutage {

  private static final Duration OPEN = Duration.ofSeconds(2);

  private SurviveAnOutage() {}

  public static void main(String[] args) throws InterruptedException {
    AgentOps ops =
        AgentOps.with()
            .listener(
                event -> {
                  if (event instanceof ResilienceEvent) {
                    System.out.println("  " + event);
                  }
                })
            .build();
    Resilience resilience =
        Resilience.builder()
            .deadline(Duration.ofSeconds(30))
            .timeout(Duration.ofSeconds(10))
            .retry(
                Retry.builder()
                    .maxAttempts(2)
                    .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
                    .build())
            .circuitBreaker(
                CircuitBreaker.builder().window(4, 2).trialCalls(1).openFor(OPEN).build())
            .build();
    try (LocalLlm failing =
            LocalLlm.builder().fault(Fault.STATUS, "503").fault(Fault.TIMES, "4").start();
        LocalLlm well = LocalLlm.start()) {
      ChatModel model =
          resilience.wrap(
              ops.wrap(client(failing, "gpt-4o")), ops.wrap(client(well, "gpt-4o-mini")));

      for (int question = 1; question <= 3; question++) {
        ask(model, question);
      }
      Thread.sleep(OPEN.toMillis());
      ask(model, 4);
    }
  }

  private static void ask(ChatModel model, int question) {
    String answeredBy = model.chat(UserMessage.from("Count to 3")).metadata().modelName();
    System.out.println("question " + question + " was answered by " + answeredBy);
  }

  private static ChatModel client(LocalLlm llm, String model) {
    return OpenAiChatModel.builder()
        .baseUrl(llm.baseUrl().toString())
        .modelName(model)
        .maxRetries(0) // one place retries
        .httpClientBuilder(AgentHttpClient.builder()) // tells Retry-After, and lets go at a timeout
        .build();
  }
}
