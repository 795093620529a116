package dev.agentops.guard;

import dev.agentops.AgentCall;
import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opens the accounts of runs, each with the limits of its agent. Thread-safe. */
final class Accounts {

  private final RunLimits limits;
  private final Map<String, RunLimits> limitsOf;
  private final Clock clock;
  private final GuardCounters counters;
  private final VelocityNorms norms = new VelocityNorms();

  Accounts(RunLimits limits, Map<String, RunLimits> limitsOf, Clock clock, GuardCounters counters) {
    this.limits = limits;
    this.limitsOf = Map.copyOf(limitsOf);
    this.clock = clock;
    this.counters = counters;
  }

  /** The place of the outermost agent of a new run. */
  Place newRun(String agent, String runId, Attributes attributes) {
    counters.runs.increment();
    return new Place(open(agent, runId, null, attributes), agent, null);
  }

  /** As above, where only a call tells of the run. */
  Place newRun(Call call, String runId) {
    AgentCall agent = call.agent();
    String named = call.attributes().text(Attributes.AGENT_NAME);
    String name = agent != null ? agent.agentName() : named == null ? "unknown" : named;
    return newRun(name, runId, call.attributes());
  }

  /** The place of an agent inside of another: with an account of its own if it has own limits. */
  Place inside(String agent, Place around) {
    Account outer = around.account();
    return new Place(
        limitsOf.containsKey(agent) ? open(agent, outer.runId(), outer, outer.attributes()) : outer,
        agent,
        around);
  }

  /** A run has ended well, so that others of its agent are measured by it. */
  void learn(Account ended) {
    norms.learn(ended.agent(), ended.busiestMinute());
  }

  private Account open(String agent, String runId, @Nullable Account outer, Attributes attributes) {
    return new Account(
        runId, agent, limitsOf.getOrDefault(agent, limits), outer, attributes, clock, norms);
  }
}
