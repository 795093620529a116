package dev.agentops.tracing.conformance;

/**
 * An error that is part of the plan: no exception, so that {@code catch (Exception e)} misses it.
 */
final class PlannedError extends Error {

  PlannedError(String message) {
    super(message, null, false, false);
  }
}
