package dev.agentops;

/**
 * The JVM's monotonic time as a daemon thread last saw it, ten milliseconds ago at most as long as
 * that thread gets to run. The thread ends when nobody has asked for a while, and starts again when
 * somebody does. Thread-safe.
 */
final class CoarseTime {

  private static final long TICK_MILLIS = 10;
  private static final int TICKS_UNASKED = 100;

  /** No time, but that nobody keeps it. */
  private static final long STOPPED = Long.MIN_VALUE;

  private static volatile long nanos = STOPPED;

  /** Not volatile: it does not matter when the thread sees it. */
  private static boolean asked;

  private CoarseTime() {}

  static long nanos() {
    long now = nanos;
    if (now == STOPPED) {
      return start();
    }
    if (!asked) { // not written each time: the line stays shared among the processors
      asked = true;
    }
    return now;
  }

  private static synchronized long start() {
    long now = exact();
    if (nanos == STOPPED) {
      nanos = now;
      Thread thread = new Thread(CoarseTime::tick, "agentops-coarse-time");
      thread.setDaemon(true);
      thread.start();
    }
    return now;
  }

  private static void tick() {
    int unasked = 0;
    while (unasked < TICKS_UNASKED) {
      try {
        Thread.sleep(TICK_MILLIS);
      } catch (InterruptedException e) {
        break;
      }
      nanos = exact();
      unasked = asked ? 0 : unasked + 1;
      asked = false;
    }
    nanos = STOPPED;
  }

  private static long exact() {
    long now = System.nanoTime();
    return now == STOPPED ? now + 1 : now;
  }
}
