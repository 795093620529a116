package dev.agentops.tracing;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.NullMarked;

/** Micrometer's observations with a handler that does nothing: the least they can cost. */
@NullMarked
final class MicrometerContestant implements Contestant {

  private final ObservationRegistry registry = ObservationRegistry.create();

  MicrometerContestant() {
    registry
        .observationConfig()
        .observationHandler((ObservationHandler<Observation.Context>) c -> true);
  }

  @Override
  public Object step(long inputTokens, long outputTokens) {
    Observation step = started("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
    step.stop();
    return step;
  }

  @Override
  public Object tree(long inputTokens, long outputTokens) {
    Observation root =
        started("invoke_agent", "invoke_agent researcher", inputTokens, outputTokens);
    try (Observation.Scope ignored = root.openScope()) {
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
      child("execute_tool", "execute_tool search", inputTokens, outputTokens);
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
    } finally {
      root.stop();
    }
    return root;
  }

  private void child(String operation, String name, long inputTokens, long outputTokens) {
    Observation child = started(operation, name, inputTokens, outputTokens);
    Observation.Scope scope = child.openScope();
    scope.close();
    child.stop();
  }

  private Observation started(String operation, String name, long input, long output) {
    return Observation.createNotStarted("gen_ai.client.operation", registry)
        .contextualName(name)
        .lowCardinalityKeyValue(GenAiAttributes.OPERATION_NAME, operation)
        .lowCardinalityKeyValue(GenAiAttributes.PROVIDER_NAME, "openai")
        .lowCardinalityKeyValue(GenAiAttributes.REQUEST_MODEL, MODEL)
        .highCardinalityKeyValue(GenAiAttributes.CONVERSATION_ID, CONVERSATION)
        .highCardinalityKeyValue(GenAiAttributes.USAGE_INPUT_TOKENS, Long.toString(input))
        .highCardinalityKeyValue(GenAiAttributes.USAGE_OUTPUT_TOKENS, Long.toString(output))
        .start();
  }
}
