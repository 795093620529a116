package dev.agentops.resilience;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of whoever brings none of their own: daemons that are shared by the process and end
 * when they were idle for a while. How many run at once is bounded by those who use them.
 */
final class DaemonThreads {

  private static final long IDLE_SECONDS = 10;
  private static final AtomicLong STARTED = new AtomicLong();
  private static final ThreadPoolExecutor POOL =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          DaemonThreads::thread);

  private DaemonThreads() {}

  static Executor shared() {
    return POOL;
  }

  private static Thread thread(Runnable task) {
    String name = "agentops-worker-" + STARTED.incrementAndGet();
    Thread thread = new Thread(null, task, name, 0, false); // nobody's inheritable thread-locals
    thread.setDaemon(true);
    return thread;
  }
}
