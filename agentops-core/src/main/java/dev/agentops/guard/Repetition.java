package dev.agentops.guard;

/**
 * Sees the end of a sequence repeat itself in cycles of 1 to {@value #LONGEST}. Constant in time
 * and memory. Not thread-safe.
 */
final class Repetition {

  static final int LONGEST = 5;

  /** The last so many elements, the youngest at {@code count - 1}, each at its index modulo. */
  private final long[] recent = new long[LONGEST];

  /** For each length of a cycle, how many elements in a row equal the one so far before them. */
  private final int[] matches = new int[LONGEST + 1];

  private long count;

  /** Adds an element, the hash of a call. */
  void add(long element) {
    for (int length = 1; length <= LONGEST; length++) {
      boolean repeats = count >= length && recent[at(count - length)] == element;
      matches[length] = repeats ? matches[length] + 1 : 0;
    }
    recent[at(count)] = element;
    count++;
  }

  /** How many of the last elements are the same; 0 before there is one. */
  int identical() {
    return count == 0 ? 0 : matches[1] + 1;
  }

  /** How often the cycle that repeats most often has been gone through in a row. */
  int cycles() {
    int most = 0;
    for (int length = 1; length <= Math.min(LONGEST, count); length++) {
      most = Math.max(most, timesOf(length));
    }
    return most;
  }

  /** The length of the cycle that {@link #cycles()} counts; the shortest of several. */
  int cycleLength() {
    int most = cycles();
    int length = 1;
    while (length < LONGEST && timesOf(length) < most) {
      length++;
    }
    return length;
  }

  private int timesOf(int length) {
    return (matches[length] + length) / length;
  }

  private static int at(long index) {
    return (int) (index % LONGEST);
  }
}
