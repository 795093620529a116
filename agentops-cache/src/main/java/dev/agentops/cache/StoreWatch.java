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

  /** The subject of a log line: what a cache was doing with one of its stores. */
  String subject(String doing, String store) {
    return "cache '" + cache + "': " + doing + " its store " + store;
  }
}
