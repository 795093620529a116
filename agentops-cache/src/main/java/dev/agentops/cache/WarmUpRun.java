package dev.agentops.cache;

import dev.agentops.FaultLog;
import dev.agentops.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One run over a list of keys, by the calling thread and a few daemon threads that live as long as
 * it.
 */
final class WarmUpRun {

  private static final String NULL = "null";

  private final List<String> keys;
  private final Consumer<String> load;
  private final WarmUp.Progress progress;
  private final FaultLog faults;
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger next = new AtomicInteger();
  private final Set<String> present = ConcurrentHashMap.newKeySet();
  private final Map<String, Throwable> failures = new ConcurrentHashMap<>();

  WarmUpRun(List<String> keys, Consumer<String> load, WarmUp.Progress progress, FaultLog faults) {
    this.keys = keys.stream().filter(Objects::nonNull).distinct().toList();
    if (keys.stream().anyMatch(Objects::isNull)) {
      failures.put(NULL, new NullPointerException("a key to warm up is 'null'"));
    }
    this.load = load;
    this.progress = progress;
    this.faults = faults;
  }

  WarmUpReport run(int concurrency) {
    List<Thread> helpers = new ArrayList<>();
    for (int i = 1; i < Math.min(concurrency, keys.size()); i++) {
      Thread helper = new Thread(Scope.wrap(this::work), "agentops-cache-warm-up-" + i);
      helper.setDaemon(true);
      helper.start();
      helpers.add(helper);
    }
    work();
    try {
      for (Thread helper : helpers) {
        helper.join();
      }
    } catch (InterruptedException e) {
      next.set(keys.size());
      helpers.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
    return report();
  }

  private void work() {
    while (!Thread.currentThread().isInterrupted()) {
      int i = next.getAndIncrement();
      if (i < 0 || i >= keys.size()) {
        return;
      }
      load(keys.get(i));
    }
  }

  private void load(String key) {
    try {
      load.accept(key);
      present.add(key);
    } catch (Throwable t) {
      failures.put(key, t);
      failed.incrementAndGet();
    }
    try {
      progress.tried(done.incrementAndGet(), failed.get(), keys.size());
    } catch (Throwable t) {
      faults.report("the listener to the progress of a warm-up", t);
    }
  }

  private WarmUpReport report() {
    Map<String, Throwable> missing = new HashMap<>(failures);
    int presentCount = 0;
    for (String key : keys) {
      if (present.contains(key)) {
        presentCount++;
      } else if (!missing.containsKey(key)) {
        missing.put(key, new CancellationException("interrupted before '" + key + "' was loaded"));
      }
    }
    return new WarmUpReport(presentCount, missing);
  }
}
