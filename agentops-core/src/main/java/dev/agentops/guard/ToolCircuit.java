package dev.agentops.guard;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The circuit of one tool: closed, open, or open with one execution on trial. Thread-safe. */
final class ToolCircuit {

  /** What an execution has done to the circuit. */
  enum Change {
    NONE,
    OPENED,
    CLOSED
  }

  private final ToolBreaker rule;
  private final Clock clock;
  private final BitSet failed; // of the last calls, as a ring
  private int calls;
  private int next;
  private int inARow;
  private @Nullable Instant openUntil; // for people; null while closed
  private long openUntilNanos;
  private boolean onTrial;

  /** Counts trials and their ends: an execution of an earlier generation says nothing any more. */
  private long generation;

  private String reason = "";

  ToolCircuit(ToolBreaker rule, Clock clock) {
    this.rule = rule;
    this.clock = clock;
    this.failed = new BitSet(rule.window());
  }

  /**
   * Lets an execution through, or not.
   *
   * @return its generation; -1 while the tool is withdrawn
   */
  synchronized long enter() {
    if (openUntil == null) {
      return generation;
    }
    if (openUntilNanos - clock.nanoTime() > 0) {
      return -1;
    }
    // the next one has to wait as long again: a trial that never ends must not withdraw for ever
    open(rule.openFor());
    onTrial = true;
    return ++generation;
  }

  /**
   * An execution has ended.
   *
   * @param entered what {@link #enter} returned
   */
  synchronized Change leave(long entered, boolean failure) {
    boolean tried = onTrial && entered == generation;
    if (entered != generation || (openUntil != null && !tried)) {
      return Change.NONE; // began before the tool was withdrawn
    }
    if (tried) {
      onTrial = false;
      if (failure) {
        open(rule.openFor());
        return Change.OPENED;
      }
      close();
      return Change.CLOSED;
    }
    record(failure);
    int failures = failed.cardinality();
    if (inARow >= rule.failuresInARow()) {
      reason = inARow + " failures in a row";
    } else if (failure && calls >= rule.minimumCalls() && failures >= rule.failureRatio() * calls) {
      reason = failures + " of the last " + calls + " calls failed";
    } else {
      return Change.NONE;
    }
    open(rule.openFor());
    return Change.OPENED;
  }

  /** An execution has ended that says nothing of the tool. */
  synchronized void leave(long entered) {
    if (onTrial && entered == generation) {
      onTrial = false;
      open(Duration.ZERO); // the next one may try
    }
  }

  /** When the tool is tried again; null while it is offered. */
  synchronized @Nullable Instant openUntil() {
    return openUntil;
  }

  synchronized String reason() {
    return reason;
  }

  private void record(boolean failure) {
    failed.set(next, failure);
    next = (next + 1) % rule.window();
    calls = Math.min(calls + 1, rule.window());
    inARow = failure ? inARow + 1 : 0;
  }

  private void open(Duration time) {
    openUntil = clock.now().plusNanos(Clock.nanos(time));
    openUntilNanos = clock.nanoTime() + Clock.nanos(time);
  }

  private void close() {
    openUntil = null;
    generation++;
    failed.clear();
    calls = 0;
    next = 0;
    inARow = 0;
    reason = "";
  }
}
