package dev.agentops.cache;

import dev.agentops.Context;
import dev.agentops.Key;
import dev.agentops.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of a loader, as a node of the graph of loads that need each other's values: finds the
 * wait that would never end.
 *
 * <p>The graph is one for all caches of the process, since loaders of two caches can ask for each
 * other's keys. The load that is running travels in the {@link Context}, so that what a loader
 * hands to another thread belongs to it. Thread-safe.
 */
final class Load {

  static final Key<Load> RUNNING = Key.of("cache load");

  /** Guards all edges; is taken only by a loader that asks a cache. */
  private static final Object GRAPH = new Object();

  private final List<Load> needs = new ArrayList<>();

  /** The load that the caller is a part of; null outside of any loader. */
  static @Nullable Load running() {
    return Context.current().get(RUNNING);
  }

  /** Calls the loader, as a part of this load and of the one that is running. */
  <V> V run(Supplier<V> loader) {
    Load outer = running();
    if (outer != null) {
      outer.add(this); // nobody is a part of this yet, so that it closes no circle
    }
    try (Scope ignored = Context.current().with(RUNNING, this).makeCurrent()) {
      return loader.get();
    } finally {
      if (outer != null) {
        outer.release(this);
      }
    }
  }

  /** The same for a loader that answers later; it is a part of the other one until then. */
  <V> CompletionStage<V> runAsync(Supplier<CompletionStage<V>> loader) {
    Load outer = running();
    if (outer == null) {
      return run(loader);
    }
    outer.add(this);
    CompletionStage<V> stage;
    try {
      stage = run(loader);
    } catch (Throwable t) {
      outer.release(this);
      throw t;
    }
    return stage.whenComplete((value, failure) -> outer.release(this));
  }

  /**
   * Notes that this load is going to wait for another one, up to {@link #release}.
   *
   * @return false, and nothing is noted, if the other one needs this, directly or not: the wait
   *     would never end
   */
  boolean reserve(Load other) {
    synchronized (GRAPH) {
      return !other.leadsTo(this) && needs.add(other);
    }
  }

  void release(Load other) {
    synchronized (GRAPH) {
      needs.remove(other);
    }
  }

  private void add(Load other) {
    synchronized (GRAPH) {
      needs.add(other);
    }
  }

  private boolean leadsTo(Load target) {
    Set<Load> seen = new HashSet<>();
    Deque<Load> next = new ArrayDeque<>(List.of(this));
    while (!next.isEmpty()) {
      Load load = next.remove();
      if (load == target) {
        return true;
      }
      if (seen.add(load)) {
        next.addAll(load.needs);
      }
    }
    return false;
  }
}
