package dev.agentops;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where an object comes from until it turns up elsewhere, by its identity.
 *
 * <p>Identity, since LangChain4j hands on the very object, and equal ones of two conversations must
 * never mix. Keys are weak and entries are taken out on use, so nothing outlives the conversation
 * that holds the object.
 */
final class Origins<K, V> {

  private static final int MAXIMUM = 100_000;

  private final BiPredicate<V, V> same;
  private final ConcurrentMap<Ref<K>, Optional<V>> origins = new ConcurrentHashMap<>();
  private final ReferenceQueue<K> collected = new ReferenceQueue<>();

  /**
   * No origins yet.
   *
   * @param same whether an object that comes from both comes from one place
   */
  Origins(BiPredicate<V, V> same) {
    this.same = same;
  }

  void remember(K object, V origin) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      origins.remove(gone);
    }
    if (origins.size() < MAXIMUM) {
      // one object from two places at a time, as from a model that answers with a constant: rather
      // none than another's
      origins.merge(
          new Ref<>(object, collected),
          Optional.of(origin),
          (a, b) ->
              a.isPresent() && b.isPresent() && same.test(a.get(), b.get()) ? b : Optional.empty());
    }
  }

  /** Null where the origin is not known, or was taken already. */
  @Nullable V take(K object) {
    Ref<K> key = new Ref<>(object, null);
    Optional<V> origin = origins.get(key);
    if (origin == null || origin.isEmpty()) { // of several places; forgotten with the object
      return null;
    }
    origins.remove(key);
    return origin.get();
  }

  int size() {
    return origins.size();
  }

  private static final class Ref<K> extends WeakReference<K> {

    private final int hash;

    Ref(K object, @Nullable ReferenceQueue<K> queue) {
      super(object, queue);
      this.hash = System.identityHashCode(object);
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
