package dev.agentops.cache;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keys that are being read, and those of them that were changed meanwhile. Thread-safe. */
final class SemanticBatch {

  static final SemanticBatch NONE = new SemanticBatch(Set.of());

  private final Set<String> unchanged = ConcurrentHashMap.newKeySet();
  private volatile boolean allChanged;

  SemanticBatch(Collection<String> keys) {
    unchanged.addAll(keys);
  }

  void changed(String key) {
    unchanged.remove(key);
  }

  void changedAll() {
    allChanged = true;
  }

  /** Whether what was read of this key is what the store has. */
  boolean valid(String key) {
    return !allChanged && unchanged.contains(key);
  }

  /** Whether any of them may have been changed. */
  boolean allChanged() {
    return allChanged;
  }
}
