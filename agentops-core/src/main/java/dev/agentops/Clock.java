package dev.agentops;

import java.time.Duration;
import java.time.Instant;

/**
 * Where agentops takes the time from: the wall clock, a monotonic clock, and a timer that runs by
 * the same time.
 *
 * <p>Use {@link #now()} to say when something was and {@link #nanoTime()} to say how long it took;
 * never subtract two wall times. {@link TestClock} stands still until a test moves it.
 * Implementations are thread-safe.
 */
public interface Clock {

  /** The clock of the JVM. Its timer is one daemon thread that is shared by the process. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }

  /**
   * A duration in nanoseconds, for sums with {@link #nanoTime()}: at most 146 years, which is as
   * good as for ever, so that {@code ChronoUnit.FOREVER} does not overflow.
   */
  static long nanos(Duration duration) {
    long most = Long.MAX_VALUE / 2;
    return duration.getSeconds() >= most / 1_000_000_000 ? most : duration.toNanos();
  }

  /** The wall-clock time. */
  Instant now();

  /** Nanoseconds of a monotonic clock with an arbitrary origin; only differences mean something. */
  long nanoTime();

  /**
   * About what {@link #nanoTime()} says, for where it is asked very often: it may be some
   * hundredths of a second behind, and costs next to nothing.
   */
  default long coarseNanoTime() {
    return nanoTime();
  }

  /**
   * Runs a task once, after a delay of monotonic time.
   *
   * @param delay zero or negative means at once
   * @param task must be short and must not block, since all tasks of a clock may share one thread;
   *     what it throws is logged
   */
  Timer schedule(Duration delay, Runnable task);

  /** A task that is waiting for its time. */
  interface Timer {

    /** Keeps the task from starting; without effect once it has started. */
    void cancel();
  }
}
