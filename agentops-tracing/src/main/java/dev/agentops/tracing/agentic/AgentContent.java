package dev.agentops.tracing.agentic;

import dev.langchain4j.agentic.internal.DelayedResponse;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.agentic.scope.ResultWithAgenticScope;
import dev.langchain4j.service.TokenStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Inputs and outputs of agents as spans keep them. */
final class AgentContent {

  private AgentContent() {}

  /**
   * Without the scope, which changes and would be kept from being collected by a span that waits in
   * a map under it.
   */
  static Map<String, @Nullable Object> of(Map<String, Object> inputs) {
    Map<String, @Nullable Object> content = new LinkedHashMap<>();
    inputs.forEach(
        (name, value) -> {
          if (!(value instanceof AgenticScope)) {
            content.put(String.valueOf(name), of(value));
          }
        });
    return content;
  }

  /** Without waiting for it. */
  static @Nullable Object of(@Nullable Object output) {
    if (output instanceof DelayedResponse<?> delayed) {
      return delayed.isDone() ? delayed.result() : "(pending)";
    }
    if (output instanceof ResultWithAgenticScope<?> result) {
      return of(result.result());
    }
    return output instanceof TokenStream ? "(stream)" : output;
  }
}
