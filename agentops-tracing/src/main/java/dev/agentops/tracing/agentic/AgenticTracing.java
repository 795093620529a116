package dev.agentops.tracing.agentic;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.tracing.AnnouncedTool;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.agentic.internal.InternalAgent;
import dev.langchain4j.agentic.observability.AfterAgentToolExecution;
import dev.langchain4j.agentic.observability.AgentInvocationError;
import dev.langchain4j.agentic.observability.AgentListener;
import dev.langchain4j.agentic.observability.AgentRequest;
import dev.langchain4j.agentic.observability.AgentResponse;
import dev.langchain4j.agentic.observability.BeforeAgentToolExecution;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecution;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Records the invocations of agents and workflows as spans.
 *
 * <pre>{@code
 * AgenticTracing tracing = AgenticTracing.of(tracer);
 * UntypedAgent system =
 *     tracing.wrap(AgenticServices.sequenceBuilder().subAgents(writer, editor).build());
 * }</pre>
 *
 * <p>An agent becomes {@code invoke_agent writer}, a workflow {@code invoke_workflow Sequential},
 * each below the one that invoked it, on whatever thread it runs. While it runs it is the current
 * span of its thread, so that wrapped models and tools become its children.
 *
 * <p>{@link #wrap} is all that a system needs. To register this as an {@link AgentListener} instead
 * is possible where the system cannot be replaced, but tells less. The module does not report the
 * end of an outermost workflow that throws: such a span ends with the failure of its agent, or,
 * where no agent failed, is abandoned; and it is not current, so that models which a planner calls
 * by itself become children of the caller's span. Agents that are no AI services do not inherit a
 * listener when the system is built.
 *
 * <p>A wrapped system that returns a {@code TokenStream} ends when that does, and the model of the
 * stream is a child of the agent whose it is, though the span of an agent inside of the system ends
 * when it returned the stream. Where the module itself consumes the stream of an agent, the model
 * is a child of the workflow, unless a {@link dev.agentops.tracing.TracingAiServiceRegistrar} is
 * installed. A stream that nobody starts is abandoned.
 *
 * <p>Tools are recorded as {@code execute_tool}, wrapped or not, on the thread of their agent and
 * where their executor carries the context, {@code
 * .executeToolsConcurrently(Scope.wrap(executor))}; elsewhere if they are wrapped. Where one memory
 * id is used by two calls at once, parallel agents are told apart only if their executor carries
 * the context: {@code .executor(Scope.wrap(executor))}.
 *
 * <p>Thread-safe; nothing that fails here reaches the system.
 */
public final class AgenticTracing implements AgentListener {

  private final Tracer tracer;
  private final FaultLog faults = new FaultLog(AgenticTracing.class, Clock.system());
  private final Key<Invocation> invocation = Key.of("current invocation of an agent");
  private final Key<SystemCall> systemCall = Key.of("current call of an agentic system");
  private final Key<RunningTool> runningTool = Key.of("running tool of an agent");
  private final OpenWorkflows workflows = new OpenWorkflows();

  private AgenticTracing(Tracer tracer) {
    this.tracer = Objects.requireNonNull(tracer, "tracer");
  }

  /** Records on this tracer, which stays the caller's to close. */
  public static AgenticTracing of(Tracer tracer) {
    return new AgenticTracing(tracer);
  }

  /**
   * The system, every call of which is recorded, its agents included; no listener need be
   * registered. To be done with the outermost workflow or agent only.
   *
   * @throws IllegalArgumentException if it was not built by {@code AgenticServices}
   */
  @SuppressWarnings("unchecked") // the proxy has all the interfaces of the system
  public <T> T wrap(T system) {
    if (!Proxy.isProxyClass(system.getClass()) || !(system instanceof InternalAgent agent)) {
      throw new IllegalArgumentException(
          "not an agent or workflow that AgenticServices built: " + system.getClass().getName());
    }
    agent.registerInheritedParentListener(this);
    return (T)
        Proxy.newProxyInstance(
            system.getClass().getClassLoader(),
            system.getClass().getInterfaces(),
            new WrappedSystem(this, system));
  }

  @Override
  public void beforeAgentInvocation(AgentRequest request) {
    try {
      open(request.agenticScope(), request.agent(), request.inputs());
    } catch (Throwable t) {
      faults.report("recording the start of an agent", t);
    }
  }

  @Override
  public void afterAgentInvocation(AgentResponse response) {
    try {
      Invocation ended =
          find(response.agenticScope(), response.agent().agentId(), response.inputs());
      if (ended != null) {
        ended.span().setOutput(AgentContent.of(response.output()));
        SystemCall call = Context.current().get(systemCall);
        if (call != null && response.output() instanceof TokenStream stream) {
          call.streams(stream, ended.inside());
        }
        if (!ended.endsWithItsCall()) {
          end(ended, null);
        }
      }
    } catch (Throwable t) {
      faults.report("recording the end of an agent", t);
    }
  }

  @Override
  public void onAgentInvocationError(AgentInvocationError failure) {
    try {
      Invocation ended = find(failure.agenticScope(), failure.agent().agentId(), failure.inputs());
      if (ended != null) {
        end(ended, failure.error());
      }
    } catch (Throwable t) {
      faults.report("recording the failure of an agent", t);
    }
  }

  @Override
  public void beforeAgentToolExecution(BeforeAgentToolExecution execution) {
    try {
      Context here = Context.current();
      Invocation agent = here.get(invocation);
      // on a thread that knows nothing of the agent nobody would clean up after a tool that throws
      if (agent != null && agent.agentId().equals(execution.agentInstance().agentId())) {
        AnnouncedTool tool = AnnouncedTool.begin(tracer, here, execution.toolExecution().request());
        agent.begun(tool);
        RunningTool running = new RunningTool(tool, agent);
        running.entered(tool.context().with(runningTool, running).makeCurrent());
      }
    } catch (Throwable t) {
      faults.report("recording the start of a tool", t);
    }
  }

  @Override
  public void afterAgentToolExecution(AfterAgentToolExecution execution) {
    try {
      ToolExecution ended = execution.toolExecution();
      RunningTool running = Context.current().get(runningTool);
      if (running != null && running.tool().isOf(ended.request())) {
        running.end(ended);
      }
    } catch (Throwable t) {
      faults.report("recording the end of a tool", t);
    }
  }

  /** True: the agents of a system are recorded with it. */
  @Override
  public boolean inheritedBySubagents() {
    return true;
  }

  SystemCall enter(Object system) {
    SystemCall call = new SystemCall(system, Context.current().get(invocation));
    call.entered(Context.current().with(systemCall, call).makeCurrent());
    return call;
  }

  /**
   * Ends what the call left open: its own span, except where a stream will, and those whose end the
   * module did not report.
   */
  void exit(SystemCall call, @Nullable Throwable error) {
    try {
      Invocation root = call.root();
      Invocation forgotten = Context.current().get(invocation);
      for (; forgotten != null && forgotten != call.around(); forgotten = forgotten.around()) {
        if (forgotten != root) {
          forgotten.forget(error);
        }
      }
      if (root != null) {
        workflows.remove(root);
        if (call.isStreaming() && error == null) {
          root.leave();
        } else {
          root.close(error);
        }
      }
    } catch (Throwable t) {
      faults.report("recording the end of an agentic system", t);
    } finally {
      call.exited();
    }
  }

  private void open(AgenticScope scope, AgentInstance agent, Map<String, Object> inputs) {
    Context here = Context.current();
    Invocation around = here.get(invocation);
    Invocation parent =
        agent.parent() == null ? null : workflows.find(scope, agent.parent().agentId(), around);
    // what is current here may be left over from an agent whose end was not reported, and a pool's
    // thread has no context at all
    Context base = parent == null || parent == around ? here : parent.inside();
    String conversation = AgentNames.conversation(scope, agent);
    if (conversation != null && base.attributes().text(Attributes.SESSION_ID) == null) {
      base = base.with(Attributes.of(Attributes.SESSION_ID, conversation));
    }
    TraceContext span = tracer.open(base, AgentNames.nameOf(agent), AgentNames.operation(agent));
    try {
      begin(new Invocation(scope, agent, inputs, span, parent, around), base, scope, agent, inputs);
    } catch (Throwable t) {
      span.close();
      throw t;
    }
  }

  private void begin(
      Invocation opened,
      Context base,
      AgenticScope scope,
      AgentInstance agent,
      Map<String, Object> inputs) {
    boolean outermost = agent.parent() == null;
    SystemCall call = outermost ? Context.current().get(systemCall) : null;
    boolean guarded = call != null && call.adopt(agent, opened);
    Context inside = opened.span().in(base).with(invocation, opened);
    opened.describe(inside, AgentNames.conversation(scope, agent), AgentContent.of(inputs));
    if (AgentNames.isWorkflow(agent)) {
      workflows.add(scope, opened);
    }
    // the end of an outermost workflow is not reported if it throws
    if (guarded || !outermost || !AgentNames.isWorkflow(agent)) {
      opened.makeCurrent();
    }
  }

  private @Nullable Invocation find(
      AgenticScope scope, String agentId, Map<String, Object> inputs) {
    Invocation running = Context.current().get(invocation);
    while (running != null && !running.is(agentId, inputs)) {
      running = running.around();
    }
    return running != null ? running : workflows.findOutermost(scope, agentId, inputs);
  }

  private void end(Invocation ended, @Nullable Throwable error) {
    Invocation inner = Context.current().get(invocation);
    if (ended.isCurrent()) {
      for (; inner != null && inner != ended; inner = inner.around()) {
        inner.forget(null);
      }
    }
    workflows.remove(ended);
    ended.close(error);
    Invocation parent = ended.parent();
    if (parent != null) {
      parent.childEnded(error);
    }
  }
}
