package dev.agentops.tracing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/**
 * What one writes in an afternoon: a map for each step, in a synchronized list; no tree, no ids.
 */
@NullMarked
final class NaiveListContestant implements Contestant {

  private final List<Step> steps = new ArrayList<>();

  @Override
  public Object step(long inputTokens, long outputTokens) {
    return recorded("chat", inputTokens, outputTokens);
  }

  @Override
  public Object tree(long inputTokens, long outputTokens) {
    recorded("chat", inputTokens, outputTokens);
    recorded("execute_tool", inputTokens, outputTokens);
    recorded("chat", inputTokens, outputTokens);
    return recorded("invoke_agent", inputTokens, outputTokens);
  }

  @Override
  public void drain() {
    synchronized (steps) {
      steps.clear();
    }
  }

  private Step recorded(String operation, long input, long output) {
    Instant start = Instant.now();
    long startNanos = System.nanoTime();
    Map<String, Object> attributes = new HashMap<>();
    attributes.put(GenAiAttributes.OPERATION_NAME, operation);
    attributes.put(GenAiAttributes.PROVIDER_NAME, "openai");
    attributes.put(GenAiAttributes.REQUEST_MODEL, MODEL);
    attributes.put(GenAiAttributes.CONVERSATION_ID, CONVERSATION);
    attributes.put(GenAiAttributes.USAGE_INPUT_TOKENS, input);
    attributes.put(GenAiAttributes.USAGE_OUTPUT_TOKENS, output);
    Step step =
        new Step(
            "researcher",
            operation,
            start,
            Duration.ofNanos(System.nanoTime() - startNanos),
            attributes);
    synchronized (steps) {
      steps.add(step);
    }
    return step;
  }

  private record Step(
      String agent, String action, Instant start, Duration took, Map<String, Object> attributes) {}
}
