package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.RecordedSpan.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A span that is to come of a plan, and what the kit itself measured around the work. */
final class Expected {

  /** As a target or type of error: whatever the tracer calls it. */
  static final String ANY = "*";

  final String operation;
  final String target;
  final Expected parent;
  final List<Expected> children = new ArrayList<>();
  String note = "";
  private Status status = Status.OK;
  private String errorType;
  private boolean anyStatus;
  private boolean optional;

  /** The bounds of start and end; null where there was nobody to measure. */
  volatile Instant earliestStart;

  volatile Instant latestStart;
  volatile Instant earliestEnd;
  volatile Instant latestEnd;

  private Expected(Expected parent, String operation, String target) {
    this.parent = parent;
    this.operation = operation;
    this.target = target;
  }

  /** What the roots of a plan hang on; no span itself. */
  static Expected nothing() {
    return new Expected(null, "", "");
  }

  Expected child(String operation, String target) {
    Expected child = new Expected(this, operation, target);
    children.add(child);
    return child;
  }

  /** Fails with what is thrown, if anything is. */
  Expected failsWith(Class<?> thrown) {
    return thrown == null ? this : ends(Status.ERROR, thrown.getName());
  }

  Expected ends(Status status, String errorType) {
    this.status = status;
    this.errorType = errorType;
    return this;
  }

  /** Where it is a matter of taste, or of the tracer, how the work ended; but it did end. */
  Expected endsSomehow() {
    anyStatus = true;
    return this;
  }

  /** The tracer may open no span at all. If it does, it has to end it as what it is: abandoned. */
  Expected abandonedIfAny() {
    optional = true;
    return ends(Status.ABANDONED, ANY);
  }

  Expected noted(Object note) {
    this.note = String.valueOf(note);
    return this;
  }

  boolean isOptional() {
    return optional;
  }

  boolean matches(RecordedSpan span) {
    return operation.equals(span.operation())
        && (target.equals(ANY) || target.equals(span.target()));
  }

  boolean matchesStatus(RecordedSpan span) {
    return anyStatus ? span.status() != Status.ABANDONED : status == span.status();
  }

  boolean matchesErrorType(RecordedSpan span) {
    return anyStatus
        || ANY.equals(errorType)
        || (errorType == null ? span.errorType() == null : errorType.equals(span.errorType()));
  }

  @Override
  public String toString() {
    return operation
        + ' '
        + target
        + " ["
        + (anyStatus ? "any status" : status)
        + (errorType == null ? "" : " " + errorType.substring(errorType.lastIndexOf('.') + 1))
        + ", start "
        + earliestStart
        + ".."
        + latestStart
        + ", end "
        + earliestEnd
        + ".."
        + latestEnd
        + ']'
        + (optional ? " optional" : "")
        + (note.isEmpty() ? "" : " // " + note);
  }
}
