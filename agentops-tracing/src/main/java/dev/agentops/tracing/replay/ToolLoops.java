package dev.agentops.tracing.replay;

import java.util.List;
import java.util.Optional;

/** Finds an agent that turns in circles: the same tool calls over and over. */
final class ToolLoops {

  private static final int MOST_IN_A_ROW = 3;
  private static final int LONGEST_CYCLE = 5;
  private static final int CYCLES = 3;

  private ToolLoops() {}

  /**
   * The first loop: one call more than {@value #MOST_IN_A_ROW} times in a row, or a cycle of 2 to
   * {@value #LONGEST_CYCLE} calls {@value #CYCLES} times in a row.
   *
   * @param calls equal for equal calls, in their order
   */
  static <T> Optional<Loop<T>> firstOf(List<T> calls) {
    for (int start = 0; start < calls.size(); start++) {
      if (repeats(calls, start, 1) > MOST_IN_A_ROW) {
        return Optional.of(loop(calls, start, 1));
      }
      for (int length = 2; length <= LONGEST_CYCLE; length++) {
        boolean oneCall =
            calls.subList(start, Math.min(start + length, calls.size())).stream().distinct().count()
                == 1;
        if (!oneCall && repeats(calls, start, length) >= CYCLES) {
          return Optional.of(loop(calls, start, length));
        }
      }
    }
    return Optional.empty();
  }

  private static <T> Loop<T> loop(List<T> calls, int start, int length) {
    return new Loop<>(
        List.copyOf(calls.subList(start, start + length)), repeats(calls, start, length));
  }

  private static <T> int repeats(List<T> calls, int start, int length) {
    int end = start + length;
    while (end < calls.size() && calls.get(end).equals(calls.get(end - length))) {
      end++;
    }
    return (end - start) / length;
  }

  /** The calls of one turn of the loop, and how often they were made. */
  record Loop<T>(List<T> calls, int times) {}
}
