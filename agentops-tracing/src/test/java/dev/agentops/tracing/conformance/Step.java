package dev.agentops.tracing.conformance;

/** A piece of work of a plan, known to models and tools by its id. */
abstract class Step {

  final Plan plan;
  final String id;
  final Body body;
  final Fault fault;

  /** The span that is to come of it; null where the tracer opens none for the like of it. */
  Expected own;

  Step(Plan plan, Body body, Fault fault) {
    this.plan = plan;
    this.id = plan.nextId();
    this.body = body;
    this.fault = fault;
  }

  /** Adds the spans that are to come of this. */
  abstract void expect(Expected parent, Carrier carrier);

  abstract void perform(Stage stage);

  /** The type of what its caller gets to catch; null if nothing. */
  Class<? extends Throwable> thrown() {
    return fault.thrown() != null ? fault.thrown() : body.thrown();
  }

  /** Whether the span may go on when {@link #perform} has returned. */
  boolean outlivesItsCall() {
    return false;
  }

  /** Does the work and answers what it threw, or null. */
  final Throwable run(Stage stage) {
    stage.register(this);
    if (own != null) {
      own.earliestStart = stage.tick();
    }
    Throwable thrown = null;
    try {
      perform(stage);
    } catch (Throwable t) { // a planned Error, too
      thrown = t;
    }
    if (own != null && !outlivesItsCall()) {
      own.latestEnd = stage.tick();
    }
    Class<?> got = thrown == null ? null : thrown.getClass();
    if (got != thrown()) {
      plan.unexpected(id + " was to throw " + thrown() + " and threw " + Plan.stackOf(thrown));
    }
    return thrown;
  }

  /** What goes on inside of the span. */
  final void work(Stage stage) {
    own.latestStart = stage.tick();
    try {
      body.run(stage, plan);
      fault.strike(id);
    } finally {
      own.earliestEnd = stage.tick();
    }
  }

  final Expected expect(Expected parent, String operation, Carrier carrier) {
    own = parent.child(operation, id).failsWith(thrown()).noted(fault + " " + carrier);
    body.expect(own);
    return own;
  }
}
