package dev.agentops.tracing;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Values under keys that are compared by identity and forgotten when nobody else holds them: equal
 * requests of two conversations never mix. Thread-safe.
 */
final class WeakIdentityMap<K, V> {

  private final ConcurrentMap<Ref<K>, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<K> collected = new ReferenceQueue<>();

  void put(K key, V value) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      values.remove(gone);
    }
    values.put(new Ref<>(key, collected), value);
  }

  @Nullable V get(K key) {
    return values.isEmpty() ? null : values.get(new Ref<>(key, null));
  }

  private static final class Ref<K> extends WeakReference<K> {

    private final int hash;

    Ref(K key, @Nullable ReferenceQueue<K> queue) {
      super(key, queue);
      this.hash = System.identityHashCode(key);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      K mine = get();
      return mine != null && other instanceof Ref<?> that && that.get() == mine;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
