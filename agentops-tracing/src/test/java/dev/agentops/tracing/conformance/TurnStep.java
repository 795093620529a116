package dev.agentops.tracing.conformance;

/** A turn of an agent. */
final class TurnStep extends Step {

  private final String agent;

  TurnStep(Plan plan, Body body, Fault fault) {
    this(plan, null, body, fault);
  }

  TurnStep(Plan plan, String agent, Body body, Fault fault) {
    super(plan, body, fault);
    this.agent = agent == null ? id : agent;
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    own = parent.child("invoke_agent", agent).failsWith(thrown()).noted(fault + " " + carrier);
    body.expect(own);
  }

  @Override
  void perform(Stage stage) {
    stage.subject().agent(agent, () -> work(stage));
  }
}
