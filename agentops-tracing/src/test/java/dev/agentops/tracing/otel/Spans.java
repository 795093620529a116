package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Spans as the tracer makes them, to be sent in every dialect. */
final class Spans {

  static final String INPUT =
      """
      [{"role":"system","parts":[{"type":"text","content":"be brief"}]},\
      {"role":"user","name":"alice","parts":[{"type":"text","content":"see"},\
      {"type":"uri","modality":"image","uri":"http://x/y.png"},\
      {"type":"blob","modality":"image","mime_type":"image/png","content":"QUJD"}]},\
      {"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"lookup",\
      "arguments":{"id":7}},{"type":"tool_call","id":"c2","name":"now","arguments":"{}"}]},\
      {"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"found"}]}]""";

  static final String OUTPUT =
      """
      [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},\
      {"type":"text","content":"a cat"}],"finish_reason":"stop"}]""";

  private Spans() {}

  static Span.Builder span(String action) {
    return Span.builder()
        .traceId("4bf92f3577b34da6a3ce929d0e0e4736")
        .spanId("00f067aa0ba902b7")
        .parentSpanId("00f067aa0ba902b6")
        .agentName("support")
        .action(action)
        .startTime(Instant.parse("2026-01-01T00:00:00Z"))
        .duration(Duration.ofSeconds(2))
        .attributes(Attributes.of("user.id", "alice", "session.id", "s1", "tenant", "t1"))
        .attributes(Attributes.of("agentops.tags", List.of("beta", "eu")));
  }

  static Span.Builder modelCall() {
    return span("chat")
        .kind(SpanKind.CLIENT)
        .input(INPUT)
        .output(OUTPUT)
        .attributes(
            Attributes.builder()
                .put("gen_ai.operation.name", "chat")
                .put("gen_ai.provider.name", "openai")
                .put("gen_ai.request.model", "gpt-4")
                .put("gen_ai.request.temperature", 0.2)
                .put("gen_ai.request.max_tokens", 100)
                .put("gen_ai.response.model", "gpt-4-0613")
                .put("gen_ai.response.finish_reasons", List.of("stop"))
                .put("gen_ai.response.time_to_first_chunk", 0.25)
                .put("gen_ai.usage.input_tokens", 1_000)
                .put("gen_ai.usage.cache_read.input_tokens", 600)
                .put("gen_ai.usage.cache_creation.input_tokens", 100)
                .put("gen_ai.usage.output_tokens", 500)
                .put("gen_ai.usage.reasoning.output_tokens", 200)
                .put("gen_ai.input.messages", INPUT)
                .put("gen_ai.output.messages", OUTPUT)
                .put("agentops.cost.usd", "0.0600001")
                .build());
  }

  /** With what its model calls consumed together. */
  static Span.Builder agentCall() {
    return span("invoke_agent")
        .attributes(
            Attributes.builder()
                .put("gen_ai.operation.name", "invoke_agent")
                .put("agentops.agent.model_calls", 2)
                .put("gen_ai.usage.input_tokens", 2_000)
                .put("gen_ai.usage.cache_read.input_tokens", 1_200)
                .put("gen_ai.usage.output_tokens", 1_000)
                .build());
  }

  static Span.Builder toolCall() {
    return span("execute_tool")
        .input("{\"id\":7}")
        .output("found")
        .attributes(
            Attributes.builder()
                .put("gen_ai.operation.name", "execute_tool")
                .put("gen_ai.tool.name", "lookup")
                .put("gen_ai.tool.call.id", "c1")
                .put("gen_ai.tool.call.arguments", "{\"id\":7}")
                .put("gen_ai.tool.call.result", "found")
                .build());
  }
}
