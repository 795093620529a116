package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Counts lookups and loads of one cache. Thread-safe. */
final class LoadCounters {

  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder waits = new LongAdder();
  final LongAdder stale = new LongAdder();
  final LongAdder refreshes = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final Clock clock;

  LoadCounters(Clock clock) {
    this.clock = clock;
  }

  /** Counts a hit behind the fresh ones of the local level. */
  void found(boolean isStale) {
    hits.increment();
    if (isStale) {
      stale.increment();
    }
  }

  <T> T load(Supplier<T> loader) {
    long start = begin();
    boolean done = false;
    try {
      T loaded = Objects.requireNonNull(loader.get(), "loaded");
      done = true;
      return loaded;
    } finally {
      end(start, done);
    }
  }

  <T> CompletionStage<T> loadAsync(Supplier<CompletionStage<T>> loader) {
    long start = begin();
    CompletionStage<T> stage;
    try {
      stage = loader.get();
    } catch (Throwable t) {
      end(start, false);
      throw t;
    }
    return stage.whenComplete((value, failure) -> end(start, failure == null));
  }

  void addTo(CacheStats.Builder stats, long localHits) {
    stats
        .hitCount(localHits + hits.sum())
        .missCount(misses.sum())
        .waitCount(waits.sum())
        .staleCount(stale.sum())
        .refreshCount(refreshes.sum())
        .loadCount(loads.sum())
        .loadFailureCount(failures.sum())
        .loadTime(Duration.ofNanos(nanos.sum()));
  }

  private long begin() {
    loads.increment();
    return clock.nanoTime();
  }

  private void end(long start, boolean done) {
    nanos.add(clock.nanoTime() - start);
    if (!done) {
      failures.increment();
    }
  }
}
