package dev.agentops.tracing.conformance;

/**
 * A way in which what was recorded is not what happened.
 *
 * @param plan the name of the plan, which begins with its seed; null where no plan knows the span
 */
record Problem(Kind kind, String plan, String description) {

  enum Kind {
    /** Work without a span. */
    MISSING,
    /** A span without work. */
    EXTRA,
    /** A span that is still open after all work has ended. */
    NEVER_ENDED,
    ENDED_TWICE,
    WRONG_PARENT,
    WRONG_TRACE,
    WRONG_STATUS,
    WRONG_ERROR_TYPE,
    /** A start or end that is not where the work began or ended. */
    WRONG_TIME,
    /** The work itself went otherwise than planned: the tracer has changed it. */
    WORK_DISTURBED
  }

  @Override
  public String toString() {
    return kind + ": " + description;
  }
}
