package dev.agentops.cache;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store has yet to forget: a bounded number of changes, in place of which everything is to
 * be forgotten when they become too many. Thread-safe.
 */
final class PendingChanges {

  private final int maximum;
  private final Set<StoreChange> waiting = new LinkedHashSet<>();

  /** The one that is being delivered. */
  private @Nullable StoreChange delivering;

  /** Read without the lock by each lookup. */
  private volatile boolean empty = true;

  PendingChanges(int maximum) {
    this.maximum = maximum;
  }

  synchronized void add(StoreChange change) {
    if (!waiting.contains(StoreChange.EVERYTHING)) {
      waiting.add(change);
      if (change.equals(StoreChange.EVERYTHING) || waiting.size() > maximum) {
        waiting.clear();
        waiting.add(StoreChange.EVERYTHING);
      }
    }
    empty = false;
  }

  boolean isEmpty() {
    return empty;
  }

  synchronized int size() {
    return waiting.size() + (delivering == null ? 0 : 1);
  }

  /** Whether the store may hold what should be forgotten under this key. */
  boolean mayConcern(String key) {
    return !empty && anyConcerns(key);
  }

  private synchronized boolean anyConcerns(String key) {
    if (delivering != null && delivering.mayConcern(key)) {
      return true;
    }
    if (waiting.contains(StoreChange.key(key))) {
      return true;
    }
    for (StoreChange change : waiting) {
      if (change.kind() != StoreChange.Kind.KEY && change.mayConcern(key)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Applies the oldest change.
   *
   * <p>It is taken out first: the same change may come again while it is being applied, and has to
   * be applied again then. One that fails is put back.
   *
   * @return false if there was none
   */
  boolean deliverOne(CacheStore store) {
    StoreChange next = take();
    if (next == null) {
      return false;
    }
    boolean delivered = false;
    try {
      next.applyTo(store);
      delivered = true;
    } finally {
      end(next, delivered);
    }
    return true;
  }

  private synchronized @Nullable StoreChange take() {
    Iterator<StoreChange> changes = waiting.iterator();
    if (!changes.hasNext()) {
      return null;
    }
    delivering = changes.next();
    changes.remove();
    return delivering;
  }

  private synchronized void end(StoreChange change, boolean delivered) {
    delivering = null;
    if (!delivered) {
      add(change);
    }
    empty = waiting.isEmpty();
  }
}
