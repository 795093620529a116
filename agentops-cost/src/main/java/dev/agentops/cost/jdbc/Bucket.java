package dev.agentops.cost.jdbc;

import java.util.Comparator;

/**
 * The key of a row of totals. Who writes several rows does so in this order, so that two who do it
 * at once wait for each other in one order.
 *
 * @param period the number of the {@code grain}
 */
record Bucket(String dimension, Grain grain, long period, String value)
    implements Comparable<Bucket> {

  private static final Comparator<Bucket> ORDER =
      Comparator.comparing(Bucket::dimension)
          .thenComparing(Bucket::grain)
          .thenComparing(Bucket::period)
          .thenComparing(Bucket::value);

  static Bucket of(Label label, Grain grain, long period) {
    return new Bucket(label.dimension(), grain, period, label.value());
  }

  @Override
  public int compareTo(Bucket other) {
    return ORDER.compare(this, other);
  }
}
