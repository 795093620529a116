package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.Scope;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs what is not ours, such as models, and does not wait for it longer than a time. Once all its
 * threads hang, it refuses at once until one comes back. Threads are daemons and go when idle.
 * Thread-safe.
 */
final class TimedRunner implements AutoCloseable {

  private static final int QUEUED = 1_000;
  private static final long IDLE_SECONDS = 10;

  private final int threads;
  private final long timeoutNanos;
  private final ThreadPoolExecutor executor;
  private final DaemonPool waiting;
  private final AtomicInteger stuck = new AtomicInteger();

  TimedRunner(String name, int threads, Duration timeout) {
    this.threads = threads;
    this.timeoutNanos = Clock.nanos(timeout);
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUED),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    this.waiting = new DaemonPool(name + "-queue", 1, QUEUED);
  }

  /**
   * The task's result.
   *
   * @throws TimeoutException if it takes too long; it is interrupted
   * @throws RejectedExecutionException if there is no thread for it
   * @throws Exception whatever the task threw, as the cause of an ExecutionException
   */
  <T> T call(Callable<T> task) throws Exception {
    Job<T> job = new Job<>(Scope.wrap(task));
    Future<T> future = submit(job);
    try {
      return future.get(timeoutNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      job.abandon();
      future.cancel(true);
      throw e;
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  /**
   * Runs a task some time, one after the other, and waits for nothing.
   *
   * @param failed is given what {@link #call} would throw
   * @throws RejectedExecutionException if there is no room for it
   */
  void later(Callable<?> task, Consumer<Throwable> failed) {
    Callable<?> wrapped = Scope.wrap(task);
    waiting.execute(
        () -> {
          try {
            call(wrapped);
          } catch (Throwable t) {
            failed.accept(t);
          }
        });
  }

  private <T> Future<T> submit(Callable<T> job) {
    if (stuck.get() >= threads) {
      throw new RejectedExecutionException("all " + threads + " threads hang");
    }
    return executor.submit(job);
  }

  @Override
  public void close() {
    waiting.close();
    executor.shutdownNow();
  }

  private final class Job<T> implements Callable<T> {

    private final Callable<T> task;
    private boolean running;
    private boolean abandoned;

    private Job(Callable<T> task) {
      this.task = task;
    }

    @Override
    public T call() throws Exception {
      begin();
      try {
        return task.call();
      } finally {
        end();
      }
    }

    private synchronized void begin() {
      running = true;
    }

    private synchronized void end() {
      running = false;
      if (abandoned) {
        stuck.decrementAndGet();
      }
    }

    private synchronized void abandon() {
      if (running) {
        abandoned = true;
        stuck.incrementAndGet();
      }
    }
  }
}
