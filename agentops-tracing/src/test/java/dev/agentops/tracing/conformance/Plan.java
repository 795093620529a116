package dev.agentops.tracing.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A tree of steps, and the tree of spans that is to come of it. */
final class Plan {

  /** How long to wait for what cannot take long. */
  static final long PATIENCE_SECONDS = 30;

  private static final int MOST_STACK = 2_000;

  private final String name;
  private final Subject subject;
  private final Expected top = Expected.nothing();
  private final Queue<Future<?>> pending = new ConcurrentLinkedQueue<>();
  private final Queue<Future<?>> stalled = new ConcurrentLinkedQueue<>();
  private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();
  private Step root;
  private int steps;

  /**
   * A plan.
   *
   * @param name is in the ids of all its steps
   */
  Plan(String name, Subject subject) {
    this.name = name;
    this.subject = subject;
  }

  String name() {
    return name;
  }

  Subject subject() {
    return subject;
  }

  String nextId() {
    return name + "-" + steps++;
  }

  int size() {
    return steps;
  }

  Plan root(Step step) {
    root = step;
    root.expect(top, Carrier.INLINE);
    return this;
  }

  List<Expected> roots() {
    return top.children;
  }

  /** Executes the plan; all but stalled streams has ended when this returns. */
  void run(Stage stage) {
    root.run(stage);
    for (Future<?> next = pending.poll(); next != null; next = pending.poll()) {
      await(next);
    }
  }

  /** To be waited for at the end. */
  void pending(Future<?> future) {
    pending.add(future);
  }

  /** To be waited for once the clock has moved. */
  void stalled(Future<?> future) {
    stalled.add(future);
  }

  boolean hasStalls() {
    return !stalled.isEmpty();
  }

  /** False if a stalled stream has not been cut off by then; it is then an open span, too. */
  boolean awaitStalls(long seconds) {
    for (Future<?> stall : stalled) {
      try {
        stall.get(seconds, TimeUnit.SECONDS);
      } catch (Exception e) {
        return false;
      }
    }
    return true;
  }

  void await(Future<?> future) {
    try {
      future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      unexpected("waited in vain: " + stackOf(e));
    }
  }

  /** Something that neither the plan nor LangChain4j, but only the tracer can have caused. */
  void unexpected(String what) {
    unexpected.add(what);
  }

  List<String> unexpected() {
    return new ArrayList<>(unexpected);
  }

  static String stackOf(Throwable thrown) {
    if (thrown == null) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder(thrown.toString());
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (text.length() < MOST_STACK) {
        text.append("\n      at ").append(frame);
      }
    }
    Throwable cause = thrown.getCause();
    return cause == null ? text.toString() : text + "\n    caused by " + cause;
  }
}
