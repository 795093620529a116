package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The quantile of a histogram of cumulative buckets, with linear interpolation in the bucket, as in
 * promql/quantile.go of Prometheus 2.42.
 */
final class HistogramQuantile {

  private record Bucket(double bound, double count) {}

  private HistogramQuantile() {}

  static List<Sample> apply(Evaluation evaluation, List<Node> arguments) {
    double quantile = arguments.get(0).scalar(evaluation);
    Map<Labels, List<Bucket>> histograms = new LinkedHashMap<>();
    for (Sample sample : arguments.get(1).vector(evaluation)) {
      OptionalDouble bound = Numbers.parse(sample.labels().value("le"));
      if (bound.isPresent()) {
        Labels histogram = sample.labels().filter(name -> !name.equals("le"));
        histograms
            .computeIfAbsent(histogram, key -> new ArrayList<>())
            .add(new Bucket(bound.getAsDouble(), sample.value()));
      }
    }
    List<Sample> result = new ArrayList<>();
    histograms.forEach(
        (labels, buckets) ->
            result.add(new Sample(labels.withoutName(), quantile(quantile, buckets))));
    return result;
  }

  private static double quantile(double quantile, List<Bucket> unsorted) {
    if (Double.isNaN(quantile)) {
      return Double.NaN;
    }
    if (quantile < 0 || quantile > 1) {
      return quantile < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    List<Bucket> buckets = rising(merged(unsorted));
    int last = buckets.size() - 1;
    double total = buckets.get(last).count();
    if (buckets.get(last).bound() != Double.POSITIVE_INFINITY || last < 1 || total == 0) {
      return Double.NaN;
    }
    double rank = quantile * total;
    int b = firstWith(rank, buckets.subList(0, last));
    if (b == last) {
      return buckets.get(last - 1).bound();
    }
    Bucket bucket = buckets.get(b);
    if (b == 0) {
      return bucket.bound() <= 0 ? bucket.bound() : bucket.bound() * (rank / bucket.count());
    }
    Bucket below = buckets.get(b - 1);
    double share = (rank - below.count()) / (bucket.count() - below.count());
    return below.bound() + (bucket.bound() - below.bound()) * share;
  }

  /** By halves, as Prometheus does: it tells where counts that are not numbers lead. */
  private static int firstWith(double rank, List<Bucket> buckets) {
    int low = 0;
    int high = buckets.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (buckets.get(middle).count() >= rank) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** In the order of the bounds, those with the same bound (1 and 1.0) added up. */
  private static List<Bucket> merged(List<Bucket> unsorted) {
    unsorted.sort(Comparator.comparingDouble(Bucket::bound));
    List<Bucket> merged = new ArrayList<>();
    for (Bucket bucket : unsorted) {
      int last = merged.size() - 1;
      if (last >= 0 && merged.get(last).bound() == bucket.bound()) {
        double count = merged.get(last).count() + bucket.count();
        merged.set(last, new Bucket(bucket.bound(), count));
      } else {
        merged.add(bucket);
      }
    }
    return merged;
  }

  /** Counts that fall, as rates of buckets may, are lifted. */
  private static List<Bucket> rising(List<Bucket> buckets) {
    double max = buckets.get(0).count();
    List<Bucket> rising = new ArrayList<>(buckets.size());
    for (Bucket bucket : buckets) {
      boolean falls = bucket.count() < max;
      rising.add(falls ? new Bucket(bucket.bound(), max) : bucket);
      max = bucket.count() > max ? bucket.count() : max;
    }
    return rising;
  }
}
