package dev.agentops.cost;

/**
 * The 95th percentile of the latest lengths, of about {@value #KEPT} to twice as many. Thread-safe.
 *
 * <p>A histogram with four steps from each power of two to the next, so that the percentile is at
 * most a quarter too large; when it is full all counts are halved. Of few lengths the longest is
 * left out, however few: a single long answer says little.
 */
final class AnswerLengths {

  private static final int KEPT = 256;
  private static final int STEPS = 4;
  private static final int ABOVE = 20; // one in so many is longer than the percentile

  private final short[] counts = new short[Long.SIZE * STEPS];
  private int total;
  private int longest;
  private volatile int count;
  private volatile long percentile;
  private volatile long usedAt;

  AnswerLengths(long first) {
    add(first);
  }

  synchronized void add(long length) {
    int step = step(Math.max(0, length));
    counts[step]++;
    longest = Math.max(longest, step);
    total++;
    if (total == 2 * KEPT) {
      halve();
    }
    count = total;
    percentile = upper(percentileStep());
  }

  /** How many lengths are counted. */
  int count() {
    return count;
  }

  long percentile() {
    return percentile;
  }

  /** How many others had come when it was last used. */
  long usedAt() {
    return usedAt;
  }

  void usedAt(long others) {
    if (usedAt != others) { // a write would be seen by all cores
      usedAt = others;
    }
  }

  private void halve() {
    total = 0;
    for (int i = 0; i <= longest; i++) {
      counts[i] /= 2;
      total += counts[i];
    }
  }

  private int percentileStep() {
    int longer = Math.max(1, total / ABOVE);
    int step = longest;
    while (step > 0 && counts[step] <= longer) {
      longer -= counts[step];
      step--;
    }
    return step;
  }

  /** Lengths below {@value #STEPS} are exact. */
  private static int step(long length) {
    if (length < STEPS) {
      return (int) length;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(length);
    return power * STEPS + (int) (length >>> (power - 2)) % STEPS;
  }

  /** The longest length of a step. */
  private static long upper(int step) {
    if (step < STEPS) {
      return step;
    }
    int power = step / STEPS;
    return ((long) (STEPS + step % STEPS + 1) << (power - 2)) - 1;
  }
}
