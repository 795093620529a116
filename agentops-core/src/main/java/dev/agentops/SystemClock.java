package dev.agentops;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The JVM's own clocks, and one daemon thread for timers that starts with the first of them. */
final class SystemClock implements Clock {

  static final SystemClock INSTANCE = new SystemClock();

  private SystemClock() {}

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long coarseNanoTime() {
    return CoarseTime.nanos();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Future<?> future =
        Timers.POOL.schedule(
            () -> {
              try {
                task.run();
              } catch (Throwable t) {
                Timers.FAULTS.report("a timer's task", t);
              }
            },
            Math.max(0, Clock.nanos(delay)),
            TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static final class Timers {

    static final FaultLog FAULTS = new FaultLog(Clock.class, INSTANCE);
    static final ScheduledThreadPoolExecutor POOL = pool();

    private static ScheduledThreadPoolExecutor pool() {
      ScheduledThreadPoolExecutor pool =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "agentops-timer");
                thread.setDaemon(true);
                return thread;
              });
      pool.setRemoveOnCancelPolicy(true); // a stream that ended must not be kept alive by its timer
      return pool;
    }
  }
}
