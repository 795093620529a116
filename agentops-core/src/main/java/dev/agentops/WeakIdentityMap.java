package dev.agentops;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values under keys that are compared by identity and forgotten when nobody else holds them: what
 * is known of an object that LangChain4j hands on, without mixing it with an equal one of another
 * conversation.
 *
 * <p>Bounded: what comes when it is full is not kept, until keys were collected or removed. A value
 * must not hold its own key. Thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class WeakIdentityMap<K, V> {

  private final ConcurrentMap<Ref<K>, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<K> collected = new ReferenceQueue<>();
  private final int maximumSize;

  /**
   * An empty map.
   *
   * @param maximumSize how many entries it takes, by and large: threads that add at the same time
   *     may each add one more
   * @throws IllegalArgumentException if that is not positive
   */
  public WeakIdentityMap(int maximumSize) {
    if (maximumSize <= 0) {
      throw new IllegalArgumentException("maximumSize must be positive: " + maximumSize);
    }
    this.maximumSize = maximumSize;
  }

  /** The value of this very object, or null. */
  @SuppressWarnings("CollectionIncompatibleType") // Sought equals the Ref of its key
  public @Nullable V get(K key) {
    return values.isEmpty() ? null : values.get(new Sought(key));
  }

  /** Keeps a value, in place of an earlier one. */
  public void put(K key, V value) {
    compute(key, earlier -> value);
  }

  /**
   * Keeps what the function makes of the earlier value, in one step; forgets the key where that is
   * null.
   *
   * @param change is given null where there is no value yet; must not use this map
   */
  public void compute(K key, UnaryOperator<@Nullable V> change) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      values.remove(gone);
    }
    if (values.size() < maximumSize) {
      values.compute(new Ref<>(key, collected), (ref, earlier) -> change.apply(earlier));
    } else {
      values.computeIfPresent(new Ref<>(key, collected), (ref, earlier) -> change.apply(earlier));
    }
  }

  /** Forgets the key if it has this value, and tells whether it had. */
  @SuppressWarnings("CollectionIncompatibleType") // Sought equals the Ref of its key
  public boolean remove(K key, V value) {
    return values.remove(new Sought(key), value);
  }

  /** How many entries there are, some of which may be of keys that were just collected. */
  public int size() {
    return values.size();
  }

  /** A key as it is looked up: no reference, which each would cost the garbage collector a look. */
  private static final class Sought {

    private final Object key;

    Sought(Object key) {
      this.key = key;
    }

    @Override
    @SuppressWarnings("EqualsUnsafeCast") // only ever compared with what the map holds
    public boolean equals(@Nullable Object other) {
      return other instanceof Ref<?> ref && ref.isOf(key);
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(key);
    }
  }

  private static final class Ref<K> extends WeakReference<K> {

    private final int hash;

    Ref(K key, ReferenceQueue<K> queue) {
      super(key, queue);
      this.hash = System.identityHashCode(key);
    }

    boolean isOf(Object key) {
      return get() == key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      K mine = get();
      return mine != null && other instanceof Ref<?> that && that.isOf(mine);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
