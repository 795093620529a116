package dev.agentops.tracing;

import dev.agentops.Context;
import org.jspecify.annotations.NullMarked;

/** The tracer of this module; a step is opened as its interceptor opens model calls. */
@NullMarked
final class AgentOpsContestant implements Contestant {

  private final Tracer tracer;

  AgentOpsContestant(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Object step(long inputTokens, long outputTokens) {
    TraceContext span = tracer.open(Context.current(), "researcher", "chat");
    span.describe("chat gpt-4o-mini", SpanKind.CLIENT);
    put(span, "chat", inputTokens, outputTokens);
    span.end();
    return span;
  }

  @Override
  public Object tree(long inputTokens, long outputTokens) {
    try (TraceContext root = tracer.startTrace("researcher", "invoke_agent")) {
      put(root, "invoke_agent", inputTokens, outputTokens);
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
      child("execute_tool", "execute_tool search", inputTokens, outputTokens);
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
      return root;
    }
  }

  @Override
  public void close() {
    tracer.close();
  }

  private void child(String operation, String name, long inputTokens, long outputTokens) {
    try (TraceContext span = tracer.startSpan("researcher", operation)) {
      span.describe(name, SpanKind.CLIENT);
      put(span, operation, inputTokens, outputTokens);
    }
  }

  private static void put(TraceContext span, String operation, long input, long output) {
    span.setAttribute(GenAiAttributes.OPERATION_NAME, operation)
        .setAttribute(GenAiAttributes.PROVIDER_NAME, "openai")
        .setAttribute(GenAiAttributes.REQUEST_MODEL, MODEL)
        .setAttribute(GenAiAttributes.CONVERSATION_ID, CONVERSATION)
        .setAttribute(GenAiAttributes.USAGE_INPUT_TOKENS, input)
        .setAttribute(GenAiAttributes.USAGE_OUTPUT_TOKENS, output);
  }
}
