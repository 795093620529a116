package dev.agentops.ratelimit;

import dev.agentops.AgentCall;
import dev.agentops.Attributes;
import dev.agentops.ModelCall;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How many tokens a call will take, as far as that can be told before it. Thread-safe. */
final class TokenEstimates {

  private static final double ALL = 1;

  private final double quantile;
  private final OutputEstimates outputs;

  /**
   * Nothing is learned yet.
   *
   * @param quantile of the outputs seen; 1 for what the request allows
   */
  TokenEstimates(double quantile) {
    this.quantile = quantile;
    this.outputs = new OutputEstimates(quantile);
  }

  /**
   * What a call will take.
   *
   * @param maximumOutput that its request allows; null where it does not say
   */
  Demand of(ModelCall call, @Nullable Integer maximumOutput) {
    long input = call.estimatedInputTokens();
    long most = maximumOutput == null ? Long.MAX_VALUE : Math.max(0, maximumOutput);
    OptionalLong learned = outputs.of(model(call), agent(call));
    return Demand.of(input, Math.min(most, learned.orElse(maximumOutput == null ? input : most)));
  }

  /** Learns from what the provider told of a call that it has answered. */
  void learn(ModelCall call) {
    UsageReport told = call.report();
    if (quantile < ALL && told != null && !told.gaps().contains(UsageGap.OUTPUT)) {
      outputs.learn(model(call), agent(call), told.usage().outputTokens());
    }
  }

  private static String model(ModelCall call) {
    String name = call.modelName();
    return call.provider() + '/' + (name == null ? "" : name);
  }

  private static String agent(ModelCall call) {
    AgentCall run = call.agent();
    String name = run == null ? call.attributes().text(Attributes.AGENT_NAME) : run.agentName();
    return name == null ? "" : name;
  }
}
