package dev.agentops.tracing;

import java.util.HashMap;
import java.util.Map;

/** Counts how often a trace called the same tool with the same arguments. */
final class ToolRepetitions {

  private ToolRepetitions() {}

  static int most(Trace trace) {
    Map<String, Integer> calls = new HashMap<>();
    for (Span span : trace.spans()) {
      Object tool = span.attribute(GenAiAttributes.TOOL_NAME);
      if (tool != null) {
        calls.merge(tool + "\n" + span.input(), 1, Integer::sum);
      }
    }
    return calls.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
