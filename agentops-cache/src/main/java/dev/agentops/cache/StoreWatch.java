package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.event.CacheStoreEvent;
import java.util.function.Consumer;

/**
 * Who hears of a cache's stores. Immutable.
 *
 * @param cache its name
 * @param events may throw
 */
record StoreWatch(String cache, Clock clock, FaultLog faults, Consumer<CacheStoreEvent> events) {

  private static final int QUEUE = 1_000;

  /**
   * One whose events a daemon thread tells in their order: what takes long, or waits, is not paid
   * for by who met the store's failure.
   *
   * @param events may throw
   */
  static StoreWatch tellingBehind(
      String cache, Clock clock, FaultLog faults, Consumer<? super CacheStoreEvent> events) {
    DaemonPool teller = new DaemonPool("agentops-cache-events", 1, QUEUE);
    return new StoreWatch(
        cache, clock, faults, event -> teller.execute(() -> tell(event, events, faults)));
  }

  private static void tell(
      CacheStoreEvent event, Consumer<? super CacheStoreEvent> events, FaultLog faults) {
    try {
      events.accept(event);
    } catch (Throwable t) {
      faults.report("a listener of cache events", t);
    }
  }

  /** The subject of a log line: what a cache was doing with one of its stores. */
  String subject(String doing, String store) {
    return "cache '" + cache + "': " + doing + " its store " + store;
  }
}
