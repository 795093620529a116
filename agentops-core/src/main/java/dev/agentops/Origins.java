package dev.agentops;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where an object comes from until it turns up elsewhere, by its identity.
 *
 * <p>Identity, since LangChain4j hands on the very object, and equal ones of two conversations must
 * never mix. Keys are weak and entries are taken out on use, so nothing outlives the conversation
 * that holds the object. An object may come from several places at a time, as from a model that
 * answers with a constant; it remembers the latest of them.
 */
final class Origins<K, V> {

  private static final int MAXIMUM = 100_000;
  private static final int MAXIMUM_OF_ONE = 8;

  private final BiPredicate<V, V> same;
  private final Predicate<V> over;
  private final ConcurrentMap<Ref<K>, List<V>> origins = new ConcurrentHashMap<>();
  private final ReferenceQueue<K> collected = new ReferenceQueue<>();

  /**
   * No origins yet.
   *
   * @param same whether an object that comes from both comes from one place
   * @param over whether nobody can ask for this origin any more
   */
  Origins(BiPredicate<V, V> same, Predicate<V> over) {
    this.same = same;
    this.over = over;
  }

  void remember(K object, V origin) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      origins.remove(gone);
    }
    if (origins.size() < MAXIMUM) {
      origins.merge(
          new Ref<>(object, collected), List.of(origin), (known, newest) -> add(origin, known));
    }
  }

  /** Null where the origin is not known, was taken already, or may be another's. */
  @Nullable V take(K object) {
    Ref<K> key = new Ref<>(object, null);
    List<V> known = origins.get(key);
    if (known == null || known.size() > 1) {
      return null;
    }
    return origins.remove(key, known) ? known.get(0) : null;
  }

  /** The latest origin that is wanted; null for none. */
  @Nullable V take(K object, Predicate<V> wanted) {
    Ref<K> key = new Ref<>(object, null);
    List<V> known = origins.getOrDefault(key, List.of());
    for (int i = known.size() - 1; i >= 0; i--) {
      V origin = known.get(i);
      if (wanted.test(origin)) {
        origins.computeIfPresent(key, (any, all) -> without(origin, all));
        return origin;
      }
    }
    return null;
  }

  int size() {
    return origins.size();
  }

  private List<V> add(V newest, List<V> known) {
    List<V> all = new ArrayList<>(known.size() + 1);
    for (V origin : known) {
      if (!over.test(origin) && !same.test(origin, newest)) {
        all.add(origin);
      }
    }
    all.add(newest);
    return List.copyOf(all.size() > MAXIMUM_OF_ONE ? all.subList(1, all.size()) : all);
  }

  private static <V> @Nullable List<V> without(V taken, List<V> all) {
    List<V> rest = all.stream().filter(origin -> origin != taken).toList();
    return rest.isEmpty() ? null : rest;
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
