package dev.agentops.tracing.conformance;

import dev.langchain4j.agentic.observability.AgentListener;
import java.util.Optional;

/** A tracer of the systems of langchain4j-agentic, too; apart, since that jar is optional. */
public interface AgenticSubject extends Subject {

  /** What is registered with the builder of the outermost workflow. */
  default Optional<AgentListener> agenticListener() {
    return Optional.empty();
  }

  /** The outermost workflow as it is invoked. */
  default <T> T wrapSystem(T system) {
    return system;
  }

  /** The operation of a workflow's span. */
  default String workflowOperation() {
    return "invoke_workflow";
  }
}
