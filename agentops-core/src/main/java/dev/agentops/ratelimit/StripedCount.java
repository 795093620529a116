package dev.agentops.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter for where an atomic one would be half of the work: each thread adds to one of {@value
 * #STRIPES} cells without a fence. Two threads of one cell that add at the very same moment may
 * count as one, up to half of what two such threads add that do nothing else; the sum is exact if
 * none do, and never too high.
 */
final class StripedCount {

  private static final int STRIPES = 64;
  private static final int STRIDE = 8; // a cache line of longs each
  private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] cells = new long[(STRIPES + 1) * STRIDE];

  void increment() {
    int cell = (((int) Thread.currentThread().getId() & (STRIPES - 1)) + 1) * STRIDE;
    CELLS.setOpaque(cells, cell, (long) CELLS.getOpaque(cells, cell) + 1);
  }

  long sum() {
    long sum = 0;
    for (int stripe = 1; stripe <= STRIPES; stripe++) {
      sum += (long) CELLS.getOpaque(cells, stripe * STRIDE);
    }
    return sum;
  }
}
