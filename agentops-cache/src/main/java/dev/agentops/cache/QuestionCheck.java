package dev.agentops.cache;

import dev.agentops.cache.wording.SemanticGuard;
import dev.agentops.cache.wording.Verdict;

/** Whether the answer to one question serves another; see {@link SemanticGuard}. Thread-safe. */
interface QuestionCheck {

  /** The cosine below which {@link #check} never agrees. */
  double candidateCosine(String space);

  Verdict check(String stored, String asked, String space, double cosine);

  static QuestionCheck of(SemanticGuard guard) {
    return new QuestionCheck() {
      @Override
      public double candidateCosine(String space) {
        return guard.candidateCosine(space);
      }

      @Override
      public Verdict check(String stored, String asked, String space, double cosine) {
        return guard.check(stored, asked, space, cosine);
      }
    };
  }
}
