package dev.agentops.tracing.conformance;

/** An exception that is part of the plan. */
final class PlannedException extends RuntimeException {

  PlannedException(String message) {
    super(message, null, false, false);
  }
}
