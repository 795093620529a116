package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import dev.agentops.resilience.Batch;
import dev.agentops.resilience.BatchItem;
import dev.agentops.resilience.BatchResult;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;
import java.util.List;

/**
 * Asks five questions, four at once, of a model that fails one of them; asks that one again, and
 * tells what all of it cost.
 */
public final class RunABatch {

  private RunABatch() {}

  public static void main(String[] args) throws InterruptedException {
    List<String> questions =
        List.of("Count to 3", "Count to 4", "Count to 5", "Count to 6", "Count to 7");
    try (LocalLlm llm =
            LocalLlm.builder().fault(Fault.STATUS, "503").fault(Fault.TIMES, "1").start();
        CostMonitor costs = CostMonitor.builder().build()) {
      ChatModel model =
          AgentOps.with(CostInterceptor.of(costs))
              .build()
              .wrap(
                  OpenAiChatModel.builder()
                      .baseUrl(llm.baseUrl().toString())
                      .modelName("gpt-4o-mini")
                      .maxRetries(0) // to show what a batch does
                      .build());
      Batch<String, ChatResponse> batch =
          Batch.texts(model).concurrency(4).timeout(Duration.ofMinutes(1)).build();

      BatchResult<String, ChatResponse> result = batch.run(questions);

      System.out.println(result.summary().succeeded() + " of 5 succeeded");
      result.unsuccessful().forEach(item -> System.out.println("failed: " + item.input()));

      result = result.retryFailed();
      for (BatchItem<String, ChatResponse> item : result.items()) {
        System.out.println(item.input() + ": " + item.response().orElseThrow().aiMessage().text());
      }
      System.out.println("all for " + result.summary().cost().orElseThrow());
    }
  }
}
