package dev.agentops.tracing;

import dev.agentops.tracing.conformance.Subject;
import dev.agentops.tracing.conformance.TracingConformance;

class AgentOpsConformanceTest extends TracingConformance {

  @Override
  protected Subject newSubject() {
    return new AgentOpsSubject();
  }
}
