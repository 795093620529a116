package dev.agentops.tracing.agentic;

import dev.agentops.Scope;
import dev.langchain4j.agentic.planner.AgentInstance;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One call of a wrapped system, from its beginning to whatever end. */
final class SystemCall {

  private final Object system;
  private final @Nullable Invocation around;
  private final AtomicReference<@Nullable Invocation> root = new AtomicReference<>();
  private @Nullable Scope scope;

  SystemCall(Object system, @Nullable Invocation around) {
    this.system = system;
    this.around = around;
  }

  void entered(Scope opened) {
    scope = opened;
  }

  void exited() {
    if (scope != null) {
      scope.close();
    }
  }

  /** The invocation of another system in which this one was called. */
  @Nullable Invocation around() {
    return around;
  }

  @Nullable Invocation root() {
    return root.get();
  }

  /** Takes the invocation of the wrapped system itself into its care. */
  boolean adopt(AgentInstance agent, Invocation invocation) {
    boolean mine =
        agent == Proxy.getInvocationHandler(system) && root.compareAndSet(null, invocation);
    if (mine) {
      invocation.endWithItsCall();
    }
    return mine;
  }
}
