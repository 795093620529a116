package dev.agentops;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
  private final WeakIdentityMap<K, List<V>> origins = new WeakIdentityMap<>(MAXIMUM);

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
    origins.compute(object, known -> known == null ? List.of(origin) : add(origin, known));
  }

  /** Null where the origin is not known, was taken already, or may be another's. */
  @Nullable V take(K object) {
    List<V> known = origins.get(object);
    if (known == null || known.size() > 1) {
      return null;
    }
    return origins.remove(object, known) ? known.get(0) : null;
  }

  /** The latest origin that is wanted; null for none. */
  @Nullable V take(K object, Predicate<V> wanted) {
    List<V> known = Objects.requireNonNullElse(origins.get(object), List.of());
    for (int i = known.size() - 1; i >= 0; i--) {
      V origin = known.get(i);
      if (wanted.test(origin)) {
        origins.compute(object, all -> all == null ? null : without(origin, all));
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
}
