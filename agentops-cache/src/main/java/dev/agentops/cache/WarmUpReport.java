package dev.agentops.cache;

import java.util.Map;

/**
 * How a {@link MultiLevelCache#warmUp} went. Immutable.
 *
 * @param presentCount keys that were in the cache when they were tried, loaded by this or another
 *     caller
 * @param failures what the loader threw, by key; a key that was not tried because the calling
 *     thread was interrupted has a {@link java.util.concurrent.CancellationException}, and a null
 *     key is {@code "null"} here
 */
public record WarmUpReport(int presentCount, Map<String, Throwable> failures) {

  public WarmUpReport {
    failures = Map.copyOf(failures);
  }

  /** Whether every key is in the cache now. */
  public boolean complete() {
    return failures.isEmpty();
  }
}
