package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.AgenticTracingConformance.Worker;
import dev.agentops.tracing.conformance.RecordedSpan.Status;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.planner.AgenticService;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

/** A workflow of agents, each of which calls a model once. */
final class AgenticStep extends Step implements PlannedChatModel.Answering {

  private static final int AGENTS = 3;

  /** How the agents of a workflow work together. */
  enum Shape {
    SEQUENCE,
    /** Different agents at once. */
    PARALLEL,
    /** One agent several times, one after the other. */
    LOOP,
    /** A parallel workflow of sequences. */
    NESTED
  }

  private final AgenticSubject subject;
  private final Shape shape;
  private final CyclicBarrier atOnce;

  /** A workflow; the fault is that of the last agent's model. */
  AgenticStep(Plan plan, Shape shape, Fault fault) {
    super(plan, Body.empty(), fault);
    this.subject = (AgenticSubject) plan.subject();
    this.shape = shape;
    this.atOnce = shape == Shape.PARALLEL ? new CyclicBarrier(AGENTS) : null;
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    own = workflow(parent).noted(shape + " " + fault + " " + carrier);
    for (int i = 0; i < AGENTS; i++) {
      Expected around = shape == Shape.NESTED ? workflow(own) : own;
      Expected agent = around.child("invoke_agent", agent(shape == Shape.LOOP ? 0 : i));
      Expected chat = agent.child("chat", agent.target);
      if (i == AGENTS - 1 && fault != Fault.NONE) {
        chat.failsWith(fault.thrown());
        for (Expected failed = agent; failed != parent; failed = failed.parent) {
          failed.ends(Status.ERROR, Expected.ANY); // the module wraps what was thrown
        }
      }
    }
  }

  /** What comes out of a workflow is the module's own exception. */
  @Override
  Class<? extends Throwable> thrown() {
    return null;
  }

  @Override
  void perform(Stage stage) {
    UntypedAgent system = subject.wrapSystem(system(stage));
    try {
      system.invoke(Map.of("task", "it"));
    } catch (Throwable t) {
      if (fault == Fault.NONE) {
        throw t;
      }
    }
  }

  @Override
  public ChatResponse answer(ChatRequest request, Stage stage) {
    try {
      if (atOnce != null) {
        atOnce.await(Plan.PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      plan.unexpected("the agents are not at work at once: " + e);
    }
    if (request.modelName().equals(agent(AGENTS - 1))) {
      fault.strike(id);
    }
    return Stage.answer("done");
  }

  @Override
  public boolean listenerThrows() {
    return false;
  }

  private UntypedAgent system(Stage stage) {
    return switch (shape) {
      case SEQUENCE -> outermost(AgenticServices.sequenceBuilder().subAgents(agents(stage)));
      case PARALLEL -> outermost(AgenticServices.parallelBuilder().subAgents(agents(stage)));
      case LOOP ->
          outermost(
              AgenticServices.loopBuilder().subAgents(worker(0, stage)).maxIterations(AGENTS));
      case NESTED -> {
        Object[] sequences = new Object[AGENTS];
        for (int i = 0; i < AGENTS; i++) {
          sequences[i] = AgenticServices.sequenceBuilder().subAgents(worker(i, stage)).build();
        }
        yield outermost(AgenticServices.parallelBuilder().subAgents(sequences));
      }
    };
  }

  private UntypedAgent outermost(AgenticService<?, UntypedAgent> workflow) {
    subject.agenticListener().ifPresent(workflow::listener);
    return workflow.build();
  }

  private Object[] agents(Stage stage) {
    Object[] agents = new Object[AGENTS];
    for (int i = 0; i < AGENTS; i++) {
      agents[i] = worker(i, stage);
    }
    return agents;
  }

  private Worker worker(int number, Stage stage) {
    stage.register(agent(number), this);
    return AgenticServices.agentBuilder(Worker.class)
        .name(agent(number))
        .chatModel(subject.wrap(new Model(agent(number), new PlannedChatModel(stage))))
        .build();
  }

  private String agent(int number) {
    return id + "-agent" + number;
  }

  private Expected workflow(Expected parent) {
    return parent.child(subject.workflowOperation(), Expected.ANY);
  }

  private record Model(String name, PlannedChatModel model) implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
      return model.doChat(request);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return ChatRequestParameters.builder().modelName(name).build();
    }

    @Override
    public ModelProvider provider() {
      return model.provider();
    }
  }
}
