package dev.agentops.tracing;

/**
 * The lengths of many strings, from which the one length follows to which all that are longer must
 * be cut so that they fit together. Counted by powers of two. Not thread-safe.
 */
final class StringLengths {

  /** Room for the longest marker. */
  static final int MARKER = 34;

  private final long[] counts = new long[Integer.SIZE];
  private final long[] sums = new long[Integer.SIZE];
  private long others;

  void add(int length) {
    int power = Integer.SIZE - Integer.numberOfLeadingZeros(length);
    counts[power]++;
    sums[power] += length;
  }

  /** What takes room beside the strings. */
  void addOther(int length) {
    others += length;
  }

  /** The length without its marker; negative where even empty strings would not fit. */
  int limit(int maximum) {
    long longer = 0;
    for (long count : counts) {
      longer += count;
    }
    long rest = maximum - others;
    for (int power = 0; power < counts.length; power++) {
      // those below 2^power are whole, the others share what they leave
      rest -= sums[power];
      longer -= counts[power];
      long next = power == Integer.SIZE - 1 ? Integer.MAX_VALUE : 1L << power;
      if (longer == 0) {
        return rest >= 0 ? Integer.MAX_VALUE : share(rest + sums[power], counts[power]);
      }
      if (rest < longer * (next + MARKER)) {
        return share(rest + sums[power], longer + counts[power]);
      }
    }
    return Integer.MAX_VALUE;
  }

  private static int share(long rest, long strings) {
    return strings == 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, rest / strings - MARKER);
  }
}
