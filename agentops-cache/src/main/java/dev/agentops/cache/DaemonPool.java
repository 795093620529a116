package dev.agentops.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few daemon threads that come and go with the work, and a bounded queue in front of them.
 * Thread-safe.
 */
final class DaemonPool implements Executor {

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor pool;

  DaemonPool(String name, int threads, int queue) {
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queue),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs a task later.
   *
   * @throws RejectedExecutionException if the queue is full or the pool closed
   */
  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** The same, and by the calling thread rather than not at all. */
  void executeSurely(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  /** Takes no more tasks; those it has are still run. */
  void close() {
    pool.shutdown();
  }
}
