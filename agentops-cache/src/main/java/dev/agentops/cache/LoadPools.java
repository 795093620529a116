package dev.agentops.cache;

/**
 * The threads of one cache. Thread-safe.
 *
 * @param workers for requests to stores, and nothing else that may block
 * @param callbacks for loaders and whatever hangs on futures, which may block; needs no end
 * @param renewers for requests that must not wait for others
 * @param refreshers for loads that nobody waits for
 */
record LoadPools(
    DaemonPool workers, DaemonPool callbacks, DaemonPool renewers, DaemonPool refreshers) {

  /** How many loaders and what hangs on futures may block. */
  static final int CALLBACKS = 256;

  private static final int WORK_QUEUE = 10_000;
  private static final int REFRESH_QUEUE = 1_000;

  static LoadPools open() {
    return new LoadPools(
        new DaemonPool("agentops-cache-worker", 4, WORK_QUEUE),
        new DaemonPool("agentops-cache-callback", CALLBACKS, 0),
        new DaemonPool("agentops-cache-lease", 2, WORK_QUEUE),
        new DaemonPool("agentops-cache-refresh", 8, REFRESH_QUEUE));
  }

  void close() {
    workers.close();
    renewers.close();
    refreshers.close();
  }
}
