package dev.agentops.tracing.agentic;

import dev.langchain4j.agentic.internal.AgentUtil;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.agentic.supervisor.SupervisorPlanner;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What agents and workflows are called on spans. */
final class AgentNames {

  static final String INVOKE_AGENT = "invoke_agent";
  static final String INVOKE_WORKFLOW = "invoke_workflow";

  private AgentNames() {}

  static String operation(AgentInstance agent) {
    return isWorkflow(agent) ? INVOKE_WORKFLOW : INVOKE_AGENT;
  }

  /** Whether it only plans what other agents do. */
  static boolean isWorkflow(AgentInstance agent) {
    return switch (agent.topology()) {
      case AI_AGENT, NON_AI_AGENT, HUMAN_IN_THE_LOOP -> false;
      default -> true;
    };
  }

  static String nameOf(AgentInstance agent) {
    String name = agent.name();
    return name == null || name.isBlank() ? agent.type().getSimpleName() : name;
  }

  static String topology(AgentInstance agent) {
    Class<?> planner = agent.plannerType();
    if (planner != null && SupervisorPlanner.class.isAssignableFrom(planner)) {
      return "supervisor"; // the module calls it a sequence
    }
    return agent.topology().name().toLowerCase(Locale.ROOT);
  }

  /**
   * The memory id that the caller gave to the outermost agent; null where it gave none and the
   * module made one up for this call.
   */
  static @Nullable String conversation(AgenticScope scope, AgentInstance agent) {
    AgentInstance root = agent;
    while (root.parent() != null) {
      root = root.parent();
    }
    return root.arguments().stream()
            .anyMatch(argument -> AgentUtil.MEMORY_ID_ARG_NAME.equals(argument.name()))
        ? String.valueOf(scope.memoryId())
        : null;
  }
}
