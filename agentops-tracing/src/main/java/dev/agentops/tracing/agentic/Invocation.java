package dev.agentops.tracing.agentic;

import dev.agentops.Context;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.tracing.AnnouncedTool;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.SpanKind;
import dev.agentops.tracing.TraceContext;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.planner.AgenticSystemTopology;
import dev.langchain4j.agentic.scope.AgenticScope;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of an agent or a workflow, and its span.
 *
 * <p>The module gives no id to an invocation: it is known again by its inputs, the same map before
 * and after, and by its agent, since the map may be the one empty map.
 */
final class Invocation {

  /** {@code sequence}, {@code parallel}, {@code ai_agent}, ... */
  static final String TOPOLOGY = "agentops.agent.topology";

  /** Which turn of its loop it is, from 1. */
  static final String ITERATION = "agentops.agent.iteration";

  private static final String SUSPENDED = "AgenticSystemSuspendedException";

  // weak: this may wait in a map under the scope, which inputs may lead to
  private final WeakReference<AgenticScope> scope;
  private final WeakReference<Map<String, Object>> inputs;
  private final AgentInstance agent;
  private final String agentId;
  private final TraceContext span;
  private final @Nullable Invocation parent;
  private final @Nullable Invocation around;
  private final Thread thread = Thread.currentThread();
  private final boolean hasAsyncAgents;
  private final Set<AnnouncedTool> tools = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> turns = new ConcurrentHashMap<>();
  private @Nullable Context inside;
  private @Nullable Scope current; // of its thread only
  private boolean endsWithItsCall; // of its thread only

  private int running; // guarded by this
  private @Nullable Throwable failure; // guarded by this
  private volatile boolean ended;

  Invocation(
      AgenticScope scope,
      AgentInstance agent,
      Map<String, Object> inputs,
      TraceContext span,
      @Nullable Invocation parent,
      @Nullable Invocation around) {
    this.scope = new WeakReference<>(scope);
    this.inputs = new WeakReference<>(inputs);
    this.agent = agent;
    this.agentId = agent.agentId();
    this.span = span;
    this.parent = parent;
    this.around = around;
    this.hasAsyncAgents = agent.subagents().stream().anyMatch(AgentInstance::async);
  }

  /** Fills the span with what is known from the start. */
  void describe(
      Context context, @Nullable String conversation, Map<String, @Nullable Object> content) {
    inside = context;
    String name = AgentNames.nameOf(agent);
    String operation = AgentNames.operation(agent);
    boolean workflow = AgentNames.isWorkflow(agent);
    span.describe(operation + ' ' + name, SpanKind.INTERNAL);
    span.setAttribute(GenAiAttributes.OPERATION_NAME, operation);
    span.setAttribute(workflow ? GenAiAttributes.WORKFLOW_NAME : GenAiAttributes.AGENT_NAME, name);
    span.setAttribute(GenAiAttributes.AGENT_ID, agentId);
    span.setAttribute(GenAiAttributes.AGENT_DESCRIPTION, agent.description());
    span.setAttribute(TOPOLOGY, AgentNames.topology(agent));
    span.setAttribute(GenAiAttributes.CONVERSATION_ID, conversation);
    span.setInput(content);
    if (parent != null) {
      parent.childStarted(agentId, span);
    }
  }

  void makeCurrent() {
    current = inside().makeCurrent();
  }

  TraceContext span() {
    return span;
  }

  /** The context in which its agents run. */
  Context inside() {
    return inside == null ? Context.root() : inside;
  }

  @Nullable Invocation parent() {
    return parent;
  }

  /** The invocation that was current on this thread before. */
  @Nullable Invocation around() {
    return around;
  }

  String agentId() {
    return agentId;
  }

  @Nullable AgenticScope scope() {
    return scope.get();
  }

  boolean isIn(AgenticScope other) {
    return scope.get() == other;
  }

  boolean is(String otherId, Map<String, Object> otherInputs) {
    return agentId.equals(otherId) && inputs.get() == otherInputs;
  }

  boolean isOfThisThread() {
    return thread == Thread.currentThread();
  }

  boolean isCurrent() {
    return current != null && isOfThisThread();
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether agents may be invoked after its end. */
  boolean outlivedByAgents() {
    return hasAsyncAgents;
  }

  /** Its end is that of the call around it, not the one that the module reports. */
  void endWithItsCall() {
    endsWithItsCall = true;
  }

  boolean endsWithItsCall() {
    return endsWithItsCall;
  }

  /** Ends it because what is around it has ended. */
  void forget(@Nullable Throwable error) {
    if (error == null) {
      span.recordError("its end was not reported");
    }
    close(error);
  }

  /** Ends the span and, on the thread that began it, makes the one around it current again. */
  void close(@Nullable Throwable error) {
    if (error != null) {
      if (error.getClass().getSimpleName().equals(SUSPENDED)) {
        span.recordCancelled();
      } else {
        span.recordError(Outcome.failed(error).cause());
      }
    }
    ended = true;
    tools.forEach(tool -> tool.fail(error));
    span.close();
    leave();
  }

  /** On the thread that began it, makes the one around it current again. */
  void leave() {
    if (isCurrent() && current != null) {
      current.close();
    }
  }

  void begun(AnnouncedTool tool) {
    tools.add(tool);
  }

  void ended(AnnouncedTool tool) {
    tools.remove(tool);
  }

  /**
   * An outermost workflow whose end nobody will report, since an agent failed and it is not in the
   * care of a call, ends with the last of its agents.
   */
  void childEnded(@Nullable Throwable error) {
    Throwable last = null;
    synchronized (this) {
      running--;
      if (error != null) {
        failure = error;
      }
      if (running == 0 && parent == null && current == null) {
        last = failure;
      }
    }
    if (last != null) {
      close(last);
    }
  }

  private void childStarted(String childId, TraceContext child) {
    synchronized (this) {
      running++;
    }
    if (agent.topology() == AgenticSystemTopology.LOOP) {
      child.setAttribute(ITERATION, (long) turns.merge(childId, 1, Integer::sum));
    }
  }
}
