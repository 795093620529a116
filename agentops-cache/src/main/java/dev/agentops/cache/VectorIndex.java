package dev.agentops.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Finds what lies nearest to a vector: the {@value #RERANKED} elements whose {@link SignCode}
 * differs least are compared exactly. Fewer elements than that are all compared.
 *
 * <p>Readers never block: they see the storage that the last write published. A slot may be given
 * to another element while a reader is at it, whose sign code then does not fit the element; as the
 * vector that is compared belongs to the element, the worst of it is that the new element is not
 * found by that one reader. Deterministic; thread-safe.
 */
final class VectorIndex<E extends VectorIndex.Element> {

  /** Elements that are compared exactly. */
  static final int RERANKED = 512;

  private static final int SMALLEST = 8;

  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private volatile Storage<E> storage = Storage.empty(SMALLEST);

  /** What is indexed. */
  interface Element {

    /** Of length one, and as many values as every other of the index; never changes. */
    float[] vector();
  }

  /** An element and the cosine of the angle between it and what was asked for. */
  record Match<E>(E element, double cosine) {}

  int size() {
    return storage.used - storage.holes;
  }

  /** Bytes of the storage, without the elements themselves. */
  long bytes() {
    return storage.items.length() * (8L * SignCode.LONGS + 4);
  }

  /** Adds an element; which slot it has, for {@link #remove}. */
  synchronized int add(E element) {
    Storage<E> now = storage;
    Integer hole = free.poll();
    int slot = hole == null ? now.used : hole;
    if (slot == now.items.length()) {
      now = now.grown();
    }
    SignCode.write(element.vector(), now.codes, slot * SignCode.LONGS);
    now.items.set(slot, element);
    storage = new Storage<>(now.codes, now.items, Math.max(now.used, slot + 1), free.size());
    return slot;
  }

  /** Takes an element out of its slot. */
  synchronized void remove(int slot) {
    Storage<E> now = storage;
    now.items.set(slot, null);
    free.add(slot);
    storage =
        free.size() == now.used
            ? emptied()
            : new Storage<>(now.codes, now.items, now.used, free.size());
  }

  /**
   * The elements that are nearest to a vector, the nearest first.
   *
   * @param vector of length one
   * @param minimum the cosine below which nothing is wanted
   * @param count how many at most
   */
  List<Match<E>> nearest(float[] vector, double minimum, int count) {
    Storage<E> now = storage;
    List<Match<E>> nearest = new ArrayList<>(count + 1);
    for (int slot : now.used <= RERANKED ? now.allSlots() : now.slotsNear(vector)) {
      E element = now.items.get(slot);
      if (element == null) {
        continue;
      }
      double cosine = dot(vector, element.vector());
      if (cosine >= minimum) {
        insert(nearest, new Match<>(element, cosine), count);
      }
    }
    return nearest;
  }

  /** Equal ones stay in the order of their slots. */
  private static <E> void insert(List<Match<E>> nearest, Match<E> match, int count) {
    int at = nearest.size();
    while (at > 0 && nearest.get(at - 1).cosine < match.cosine) {
      at--;
    }
    if (at < count) {
      nearest.add(at, match);
      if (nearest.size() > count) {
        nearest.remove(count);
      }
    }
  }

  private Storage<E> emptied() {
    free.clear();
    return Storage.empty(SMALLEST);
  }

  /** Four sums, so that an addition need not wait for the one before. */
  static double dot(float[] a, float[] b) {
    float sum0 = 0;
    float sum1 = 0;
    float sum2 = 0;
    float sum3 = 0;
    int i = 0;
    for (; i < a.length - 3; i += 4) {
      sum0 += a[i] * b[i];
      sum1 += a[i + 1] * b[i + 1];
      sum2 += a[i + 2] * b[i + 2];
      sum3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      sum0 += a[i] * b[i];
    }
    return (double) sum0 + sum1 + sum2 + sum3;
  }

  /**
   * What readers see. The arrays are shared with later storages until they are too small.
   *
   * @param used slots from the first one on that have or had an element
   * @param holes slots among them without
   */
  private record Storage<E extends Element>(
      long[] codes, AtomicReferenceArray<@Nullable E> items, int used, int holes) {

    static <E extends Element> Storage<E> empty(int slots) {
      return new Storage<>(
          new long[slots * SignCode.LONGS], new AtomicReferenceArray<>(slots), 0, 0);
    }

    Storage<E> grown() {
      int slots = items.length() + (items.length() >> 1);
      AtomicReferenceArray<@Nullable E> copy = new AtomicReferenceArray<>(slots);
      for (int slot = 0; slot < items.length(); slot++) {
        copy.set(slot, items.get(slot));
      }
      return new Storage<>(Arrays.copyOf(codes, slots * SignCode.LONGS), copy, used, holes);
    }

    int[] allSlots() {
      int[] slots = new int[used];
      Arrays.setAll(slots, slot -> slot);
      return slots;
    }

    /** At most {@link #RERANKED} slots with the smallest distances. */
    int[] slotsNear(float[] vector) {
      long[] code = new long[SignCode.LONGS];
      SignCode.write(vector, code, 0);
      short[] distances = new short[used];
      int[] counts = new int[SignCode.BITS + 1];
      for (int slot = 0; slot < used; slot++) {
        int distance = SignCode.distance(code, codes, slot * SignCode.LONGS);
        distances[slot] = (short) distance;
        counts[distance]++;
      }
      int farthest = 0;
      int nearer = 0;
      while (nearer + counts[farthest] <= RERANKED) {
        nearer += counts[farthest++];
      }
      return chosen(distances, farthest, RERANKED - nearer);
    }

    /** All slots nearer than a distance, and some at just that distance. */
    private static int[] chosen(short[] distances, int farthest, int atFarthest) {
      int[] slots = new int[RERANKED];
      int size = 0;
      int left = atFarthest;
      for (int slot = 0; slot < distances.length; slot++) {
        if (distances[slot] < farthest || (distances[slot] == farthest && left-- > 0)) {
          slots[size++] = slot;
        }
      }
      return Arrays.copyOf(slots, size);
    }
  }
}
