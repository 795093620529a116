package dev.agentops.guard;

/**
 * Sees a model say what it has said before: counts the steps in a row that are among the last
 * {@value #REMEMBERED}. Not thread-safe.
 */
final class Stalling {

  static final int REMEMBERED = 32;

  private final long[] recent = new long[REMEMBERED];
  private int count;
  private int stalled;

  /** Adds a step: the hash of what the model was told last, and what it said. */
  void add(long step) {
    boolean known = false;
    for (int i = 0; i < Math.min(count, REMEMBERED); i++) {
      known |= recent[i] == step;
    }
    if (known) {
      stalled++;
      return;
    }
    stalled = 0;
    recent[count % REMEMBERED] = step;
    count = count + 1 == 2 * REMEMBERED ? REMEMBERED : count + 1;
  }

  int stalled() {
    return stalled;
  }
}
