package dev.agentops;

/**
 * Daemon threads for what comes with a timer, the thread of which must not be held: interceptors,
 * listeners and handlers may block.
 */
final class OwnThread {

  private OwnThread() {}

  /** Runs the work on a new thread; {@code agentops-} and the name are its name. */
  static void run(String name, Runnable work) {
    Thread thread = new Thread(work, "agentops-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
