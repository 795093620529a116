package dev.agentops.tracing.agentic;

import dev.agentops.tracing.AgentOpsSubject;
import dev.agentops.tracing.conformance.AgenticSubject;
import dev.agentops.tracing.conformance.AgenticTracingConformance;

class AgenticConformanceTest extends AgenticTracingConformance {

  @Override
  protected AgenticSubject newSubject() {
    return new TracedSystems();
  }

  private static final class TracedSystems extends AgentOpsSubject implements AgenticSubject {

    private final AgenticTracing tracing = AgenticTracing.of(tracer());

    @Override
    public <T> T wrapSystem(T system) {
      return tracing.wrap(system);
    }
  }
}
