package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorIndexTest {

  private static final int MANY = 10_000;

  private final Random random = new Random(11);

  record Point(int id, float[] vector) implements VectorIndex.Element {}

  @Test
  void nearest_empty_nothing() {
    assertThat(new VectorIndex<Point>().nearest(direction(384), -1, 3)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 384, 512, 513, 1536})
  void nearest_fewElements_asAnExactScan(int dimension) {
    List<Point> points = new ArrayList<>();
    VectorIndex<Point> index = new VectorIndex<>();
    for (int i = 0; i < VectorIndex.RERANKED; i++) {
      points.add(new Point(i, direction(dimension)));
      index.add(points.get(i));
    }
    float[] asked = direction(dimension);
    assertThat(index.nearest(asked, 0.1, 5)).isEqualTo(exact(points, asked, 0.1, 5));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.6})
  void nearest_scatteredPoints_findsWhatAnExactScanFinds(double commonShare) {
    assertRecall(scattered(commonShare), 0.999);
  }

  @Test
  void nearest_clustersOfNearDuplicates_findsWhatAnExactScanFinds() {
    assertRecall(clustered(), 0.999);
  }

  @Test
  void nearest_moreEqualOnesThanAreCompared_findsThem() {
    VectorIndex<Point> index = new VectorIndex<>();
    float[] same = direction(384);
    for (int i = 0; i < 5 * VectorIndex.RERANKED; i++) {
      index.add(new Point(i, same));
    }
    assertThat(index.nearest(same, 0.99, 4))
        .extracting(match -> match.element().id())
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void addAndRemove_atRandom_holdsWhatAMapHolds() {
    VectorIndex<Point> index = new VectorIndex<>();
    Map<Integer, Point> points = new HashMap<>();
    Map<Integer, Integer> slots = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(100) < (step / 2_000 % 2 == 0 ? 65 : 35) || points.isEmpty()) {
        Point point = new Point(step, direction(16));
        points.put(step, point);
        slots.put(step, index.add(point));
      } else {
        int id = new ArrayList<>(points.keySet()).get(random.nextInt(points.size()));
        points.remove(id);
        index.remove(slots.remove(id));
      }
      assertThat(index.size()).isEqualTo(points.size());
      if (step % 500 == 0) {
        float[] asked = direction(16);
        assertThat(index.nearest(asked, 0.9, 1).stream().map(VectorIndex.Match::element))
            .isEqualTo(
                exact(List.copyOf(points.values()), asked, 0.9, 1).stream()
                    .map(VectorIndex.Match::element)
                    .toList());
      }
    }
  }

  @Test
  void remove_all_givesTheStorageBack() {
    VectorIndex<Point> index = new VectorIndex<>();
    long empty = index.bytes();
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      slots.add(index.add(new Point(i, direction(8))));
    }
    assertThat(index.bytes()).isGreaterThan(1_000 * 64);
    slots.forEach(index::remove);
    assertThat(index.size()).isZero();
    assertThat(index.bytes()).isEqualTo(empty);
    assertThat(index.nearest(direction(8), -1, 3)).isEmpty();
  }

  @Test
  void nearest_whileOthersWrite_alwaysFindsWhatStays() throws Exception {
    VectorIndex<Point> index = new VectorIndex<>();
    List<Point> staying = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      staying.add(new Point(i, direction(64)));
      index.add(staying.get(i));
    }
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<?> writing =
          writer.submit(
              () -> {
                Random own = new Random(3);
                while (!over.get()) {
                  int slot = index.add(new Point(-1, direction(64, own)));
                  int other = index.add(new Point(-1, direction(64, own)));
                  index.remove(slot);
                  if (own.nextInt(50) > 0) {
                    index.remove(other);
                  }
                }
              });
      for (int round = 0; round < 5_000; round++) {
        Point point = staying.get(random.nextInt(staying.size()));
        assertThat(index.nearest(point.vector(), 0.999, 1))
            .extracting(VectorIndex.Match::element)
            .containsExactly(point);
      }
      over.set(true);
      writing.get();
    } finally {
      over.set(true);
      writer.shutdownNow();
    }
  }

  private void assertRecall(List<Point> points, double least) {
    VectorIndex<Point> index = new VectorIndex<>();
    points.forEach(index::add);
    int wanted = 0;
    int found = 0;
    for (int round = 0; round < 300; round++) {
      float[] near = points.get(random.nextInt(points.size())).vector();
      float[] asked = near(near, 0.8 + 0.19 * random.nextDouble());
      List<VectorIndex.Match<Point>> exact = exact(points, asked, 0.8, 8);
      wanted += exact.size();
      exact.retainAll(index.nearest(asked, 0.8, 8));
      found += exact.size();
    }
    assertThat(wanted).isGreaterThan(250);
    assertThat((double) found / wanted).isGreaterThanOrEqualTo(least);
  }

  private List<Point> scattered(double commonShare) {
    float[] common = direction(384);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      points.add(new Point(i, near(common, commonShare)));
    }
    return points;
  }

  /** Forty groups of five hundred that ask nearly the same. */
  private List<Point> clustered() {
    List<Point> points = new ArrayList<>();
    while (points.size() < MANY) {
      float[] centre = direction(384);
      for (int i = 0; i < 500; i++) {
        points.add(new Point(points.size(), near(centre, 0.75 + 0.24 * random.nextDouble())));
      }
    }
    return points;
  }

  private static List<VectorIndex.Match<Point>> exact(
      List<Point> points, float[] asked, double minimum, int count) {
    return new ArrayList<>(
        points.stream()
            .map(point -> new VectorIndex.Match<>(point, VectorIndex.dot(asked, point.vector())))
            .filter(match -> match.cosine() >= minimum)
            .sorted(Comparator.comparingDouble((VectorIndex.Match<Point> match) -> -match.cosine()))
            .limit(count)
            .toList());
  }

  /** A random direction at this cosine to another. */
  private float[] near(float[] vector, double cosine) {
    float[] other = direction(vector.length);
    double along = VectorIndex.dot(vector, other);
    for (int i = 0; i < other.length; i++) {
      other[i] -= (float) (along * vector[i]);
    }
    normalise(other);
    double across = Math.sqrt(1 - cosine * cosine);
    for (int i = 0; i < other.length; i++) {
      other[i] = (float) (cosine * vector[i] + across * other[i]);
    }
    return normalise(other);
  }

  private float[] direction(int dimension) {
    return direction(dimension, random);
  }

  static float[] direction(int dimension, Random random) {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return normalise(vector);
  }

  private static float[] normalise(float[] vector) {
    double length = Math.sqrt(VectorIndex.dot(vector, vector));
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) length;
    }
    return vector;
  }
}
