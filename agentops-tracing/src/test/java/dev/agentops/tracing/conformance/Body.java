package dev.agentops.tracing.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/** What is done inside of a step: other steps, one after the other or at once. */
final class Body {

  private record Child(Step step, Carrier carrier) {}

  private final List<Child> children = new ArrayList<>();
  private boolean rethrows;

  static Body empty() {
    return new Body();
  }

  static Body of(Step... steps) {
    Body body = new Body();
    for (Step step : steps) {
      body.then(step, Carrier.INLINE);
    }
    return body;
  }

  Body then(Step step, Carrier carrier) {
    children.add(new Child(step, carrier));
    return this;
  }

  /** Lets what the last step throws out of the body; everything else is caught in it. */
  Body rethrowing() {
    rethrows = true;
    return this;
  }

  /** The type of what comes out of the body; null if nothing. */
  Class<? extends Throwable> thrown() {
    return rethrows ? last().step.thrown() : null;
  }

  /** Whether the last step throws on the body's own thread. */
  boolean canRethrow() {
    return !children.isEmpty() && last().carrier == Carrier.INLINE && last().step.thrown() != null;
  }

  void expect(Expected parent) {
    for (Child child : children) {
      child.step.expect(parent, child.carrier);
    }
  }

  void run(Stage stage, Plan plan) {
    List<Future<?>> parallel = new ArrayList<>();
    AtomicReference<Throwable> thrownByLast = new AtomicReference<>();
    for (Child child : children) {
      Runnable task =
          () -> {
            Throwable thrown = child.step.run(stage);
            if (child == last()) {
              thrownByLast.set(thrown);
            }
          };
      Future<?> running = child.carrier.carry(task, stage);
      switch (child.carrier) {
        case PARALLEL -> parallel.add(running);
        case DETACHED -> plan.pending(running);
        default -> plan.await(running);
      }
    }
    parallel.forEach(plan::await);
    if (rethrows) {
      rethrow(thrownByLast.get());
    }
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
  }

  private Child last() {
    return children.get(children.size() - 1);
  }
}
