package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.examples.llm.LocalLlm;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import java.util.List;
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
          AiServices.builder(Assistant.class)
              .chatModel(ops.wrap(model))
              .tools(Map.of(WEATHER, ops.wrap((request, memoryId) -> "18 degrees and sunny")))
              .build();

      try (TraceContext turn = tracer.startTrace("assistant", "invoke_agent")) {
        turn.setOutput(assistant.chat("What is the weather in Lisbon?"));
      }

      List<Span> spans = tracer.spans();
      String root = spans.get(0).spanId();
      for (Span span : spans) {
        String indent = root.equals(span.parentSpanId()) ? "  " : "";
        String cost = span.attributes().text(GenAiAttributes.COST_USD);
        System.out.printf(
            "%s%s  %d ms  %s%n",
            indent, span.name(), span.duration().toMillis(), cost == null ? "" : "$" + cost);
      }
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
