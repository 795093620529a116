package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.examples.llm.LocalLlm;
import dev.agentops.tracing.SpanQuery;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.agentops.tracing.replay.TraceText;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.util.Map;

/**
 * Prints the trace of one turn of an agent: what it asked the model, which tool ran, how long it
 * took and what it cost.
 */
public final class TraceAnAgent {

  private TraceAnAgent() {}

  interface Assistant {
    String chat(String message);
  }

  public static void main(String[] args) {
    try (LocalLlm llm = LocalLlm.start();
        Tracer tracer = Tracer.create();
        CostMonitor costs = CostMonitor.builder().build()) {
      AgentOps ops =
          AgentOps.with(TracingInterceptor.of(tracer), CostInterceptor.of(costs)).build();
      ChatModel model =
          OpenAiChatModel.builder()
              .baseUrl(llm.baseUrl().toString())
              .modelName("gpt-4o-mini")
              .build();
      Assistant assistant =
          ops.aiServices(Assistant.class)
              .chatModel(model)
              .tools(Map.of(WEATHER, (request, memoryId) -> "18 degrees and sunny"))
              .build();

      assistant.chat("What is the weather in Lisbon?");

      tracer.find(SpanQuery.builder().rootsOnly().build()).stream()
          .flatMap(root -> tracer.findTrace(root.traceId()).stream())
          .forEach(trace -> System.out.println(TraceText.of(trace)));
      System.out.println("cost of the turn: " + costs.statistics().totalCost());
    }
  }

  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("weather")
          .description("The weather in a city")
          .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build())
          .build();
}
