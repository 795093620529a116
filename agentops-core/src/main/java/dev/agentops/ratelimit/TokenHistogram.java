package dev.agentops.ratelimit;

/**
 * Counts of tokens, of which the newer ones count more: when {@value #HALVED_AT} have come
 * together, each counts half. Within an eighth of the truth. Not thread-safe.
 */
final class TokenHistogram {

  private static final int HALVED_AT = 512;

  /** Below this, each number has a cell; from here on, each power of two has eight. */
  private static final int EXACT = 16;

  private static final int EXACT_BITS = 4;
  private static final int CELL_BITS = 3;
  private static final int MOST_BITS = 30;
  private static final long MOST = 1L << MOST_BITS;

  private final float[] cells = new float[EXACT + ((MOST_BITS - EXACT_BITS) << CELL_BITS) + 1];
  private double weight;
  private int calls;

  void add(long tokens) {
    if (weight >= HALVED_AT) {
      for (int i = 0; i < cells.length; i++) {
        cells[i] /= 2;
      }
      weight /= 2;
    }
    cells[cell(Math.max(0, Math.min(tokens, MOST)))]++;
    weight++;
    calls = Math.min(calls + 1, Integer.MAX_VALUE - 1);
  }

  /** How many were added. */
  int calls() {
    return calls;
  }

  /** The number that this share of all is not above; 0 where there are none. */
  long quantile(double share) {
    double rank = share * weight;
    double below = 0;
    int last = 0;
    for (int i = 0; i < cells.length; i++) {
      if (cells[i] > 0 && below + cells[i] >= rank) {
        double within = Math.max(0, (rank - below) / cells[i]);
        long width = start(i + 1) - 1 - start(i);
        return start(i) + Math.round(within * width);
      }
      below += cells[i];
      last = cells[i] > 0 ? i : last;
    }
    return start(last);
  }

  private static int cell(long tokens) {
    if (tokens < EXACT) {
      return (int) tokens;
    }
    int bits = 63 - Long.numberOfLeadingZeros(tokens);
    int within = (int) (tokens >>> (bits - CELL_BITS)) & ((1 << CELL_BITS) - 1);
    return EXACT + ((bits - EXACT_BITS) << CELL_BITS) + within;
  }

  /** The least number of a cell. */
  private static long start(int cell) {
    if (cell < EXACT) {
      return cell;
    }
    int bits = ((cell - EXACT) >>> CELL_BITS) + EXACT_BITS;
    long within = (cell - EXACT) & ((1 << CELL_BITS) - 1);
    return (1L << bits) + (within << (bits - CELL_BITS));
  }
}
