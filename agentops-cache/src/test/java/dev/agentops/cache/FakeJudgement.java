package dev.agentops.cache;

import dev.agentops.cache.wording.Difference;
import dev.agentops.cache.wording.Verdict;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads a question as an angle: the cosine of "at 0" and "at 10" is that of ten degrees. What is
 * within twenty degrees means the same, unless only one of them says "not".
 */
final class FakeJudgement implements TextVectors.Encoder, QuestionCheck {

  static final double SAME = 0.94;

  final AtomicInteger embeddings = new AtomicInteger();
  final CountDownLatch hanging = new CountDownLatch(1);
  private final String space;

  FakeJudgement() {
    this("angles");
  }

  FakeJudgement(String space) {
    this.space = space;
  }

  @Override
  public @Nullable SemanticVector encode(String text) throws Exception {
    embeddings.incrementAndGet();
    if (text.contains("键")) {
      return null;
    }
    if (text.contains("fail")) {
      throw new AssertionError("out of order");
    }
    if (text.contains("hang")) {
      awaitWhateverInterrupts();
    }
    String digits = text.replaceAll("[^0-9.]", "");
    double angle = Math.toRadians(digits.isEmpty() ? text.hashCode() : Double.parseDouble(digits));
    float length = text.contains("longer") ? 2 : 1;
    return new SemanticVector(
        space, new float[] {length * (float) Math.cos(angle), length * (float) Math.sin(angle)});
  }

  private void awaitWhateverInterrupts() {
    boolean over = false;
    while (!over) {
      try {
        hanging.await();
        over = true;
      } catch (InterruptedException e) {
        // as native code would
      }
    }
  }

  @Override
  public boolean knows(String space) {
    return this.space.equals(space);
  }

  @Override
  public double candidateCosine(String space) {
    return 0.5;
  }

  @Override
  public Verdict check(String stored, String asked, String space, double cosine) {
    if (stored.contains("not") != asked.contains("not")) {
      return Verdict.differs(Difference.NEGATION, "not");
    }
    return cosine >= SAME ? Verdict.AGREES : Verdict.differs(Difference.MEANING, "");
  }
}
