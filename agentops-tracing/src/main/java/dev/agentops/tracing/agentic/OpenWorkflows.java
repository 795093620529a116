package dev.agentops.tracing.agentic;

import dev.langchain4j.agentic.scope.AgenticScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The workflows that are running, by the scope they run in, so that an agent on another thread
 * finds the one that invoked it.
 *
 * <p>Scopes are compared by identity, as they have no other equality, and held weakly, so that
 * nothing outlives the system that forgot it. Thread-safe.
 */
final class OpenWorkflows {

  private final Map<AgenticScope, List<Invocation>> byScope =
      Collections.synchronizedMap(new WeakHashMap<>());

  void add(AgenticScope scope, Invocation workflow) {
    List<Invocation> running =
        byScope.computeIfAbsent(scope, s -> Collections.synchronizedList(new ArrayList<>()));
    running.removeIf(other -> other.hasEnded() && other.agentId().equals(workflow.agentId()));
    running.add(workflow);
  }

  /**
   * The invocation of this agent that the thread is in, else the latest in this scope; null where
   * none is known.
   */
  @Nullable Invocation find(AgenticScope scope, String agentId, @Nullable Invocation innermost) {
    for (Invocation own = innermost; own != null; own = own.around()) {
      if (own.isIn(scope) && own.agentId().equals(agentId)) {
        return own;
      }
    }
    List<Invocation> running = inScope(scope);
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).agentId().equals(agentId)) {
        return running.get(i);
      }
    }
    return null;
  }

  /** The invocation that was opened by this thread with these very inputs. */
  @Nullable Invocation findOutermost(
      AgenticScope scope, String agentId, Map<String, Object> inputs) {
    return inScope(scope).stream()
        .filter(workflow -> workflow.isOfThisThread() && workflow.is(agentId, inputs))
        .findFirst()
        .orElse(null);
  }

  /**
   * Forgets a workflow, except one whose agents may yet begin: asynchronous ones that nobody has
   * waited for.
   */
  void remove(Invocation workflow) {
    AgenticScope scope = workflow.scope();
    if (scope != null && !workflow.outlivedByAgents()) {
      List<Invocation> running = byScope.get(scope);
      if (running != null) {
        running.remove(workflow);
      }
    }
  }

  private List<Invocation> inScope(AgenticScope scope) {
    List<Invocation> running = byScope.get(scope);
    if (running == null) {
      return List.of();
    }
    synchronized (running) {
      return List.copyOf(running);
    }
  }
}
