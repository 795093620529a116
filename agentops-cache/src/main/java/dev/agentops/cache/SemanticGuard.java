package dev.agentops.cache;

/**
 * Judges whether the answer to a stored question serves the one asked, by the words of both and the
 * cosine of their vectors. Immutable.
 */
final class SemanticGuard {

  private static final double CANDIDATE = 0.30;

  /** The cosine below which the guard never agrees, so that nothing below need be asked. */
  double candidateCosine(String space) {
    return CANDIDATE;
  }

  /**
   * Compares two questions.
   *
   * @param space whose cosine it is, as {@link SemanticVector#space()} says
   * @param cosine of the vectors of both, -1 to 1
   */
  Verdict check(String stored, String asked, String space, double cosine) {
    return stored.equals(asked)
        ? Verdict.AGREES
        : Verdict.differs(Difference.MEANING, "not yet compared");
  }
}
