package dev.agentops.guard;

/** Tokens of the last minute, in steps of ten seconds, and the most that a minute ever had. */
final class MinuteWindow {

  private static final int STEPS = 6;
  private static final long STEP_NANOS = 10_000_000_000L;

  private final long[] tokens = new long[STEPS];
  private final long originNanos;
  private long step;
  private long sum;
  private long peak;

  MinuteWindow(long nowNanos) {
    originNanos = nowNanos;
  }

  void add(long nowNanos, long more) {
    moveTo(nowNanos);
    tokens[(int) (step % STEPS)] += more;
    sum += more;
    peak = Math.max(peak, sum);
  }

  long sum(long nowNanos) {
    moveTo(nowNanos);
    return sum;
  }

  long peak() {
    return peak;
  }

  private void moveTo(long nowNanos) {
    long target = Math.max(step, (nowNanos - originNanos) / STEP_NANOS);
    for (long passed = Math.min(STEPS, target - step); passed > 0; passed--) {
      int oldest = (int) ((target - passed + 1) % STEPS);
      sum -= tokens[oldest];
      tokens[oldest] = 0;
    }
    step = target;
  }
}
