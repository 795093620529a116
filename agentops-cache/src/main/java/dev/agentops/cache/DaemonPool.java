package dev.agentops.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Some daemon threads that come and go with the work, and a bounded queue in front of them.
 * Thread-safe.
 */
final class DaemonPool implements Executor {

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor pool;

  /**
   * @param threads at most
   * @param queue how many tasks wait for one at most; with zero a task has a thread at once, or is
   *     rejected
   */
  DaemonPool(String name, int threads, int queue) {
    pool =
        new ThreadPoolExecutor(
            queue == 0 ? 0 : threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            queue == 0 ? new SynchronousQueue<>() : new LinkedBlockingQueue<>(queue),
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

  boolean isClosed() {
    return pool.isShutdown();
  }

  /** Takes no more tasks; those it has are still run. */
  void close() {
    pool.shutdown();
  }
}
