package dev.agentops.alerts.promql;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The functions of instant vectors, as in promql/functions.go of Prometheus 2.42. */
final class InstantFunctions {

  /** The last second of the year 9999; beyond it there is no date. */
  private static final double LAST_SECOND = 253_402_300_799.0;

  private static final double LN2 = Math.log(2);
  private static final double LN10 = Math.log(10);

  /** A number of a date in UTC. */
  @FunctionalInterface
  interface OfDate {
    int apply(LocalDateTime date);
  }

  private InstantFunctions() {}

  static List<Sample> each(List<Sample> vector, DoubleUnaryOperator body) {
    List<Sample> result = new ArrayList<>(vector.size());
    for (Sample sample : vector) {
      double value = body.applyAsDouble(sample.value());
      result.add(new Sample(sample.labels().withoutName(), value));
    }
    return result;
  }

  /** Exact for the powers of two, as Go's is. */
  static double log2(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      return Math.log(value);
    }
    int exponent = Math.getExponent(value) + 1;
    if (exponent <= Double.MIN_EXPONENT) {
      return Math.log(value) * (1 / LN2);
    }
    double fraction = value / Math.scalb(1.0, exponent - 1) / 2;
    return fraction == 0.5 ? exponent - 1 : Math.log(fraction) * (1 / LN2) + exponent;
  }

  /** By the logarithm of two, as Go's: a thousand has a little less than three. */
  static double log10(double value) {
    return log2(value) * (LN2 / LN10);
  }

  static double sign(double value) {
    return value < 0 ? -1 : value > 0 ? 1 : value;
  }

  static List<Sample> round(Evaluation evaluation, List<Node> arguments) {
    double inverse = 1 / (arguments.size() > 1 ? arguments.get(1).scalar(evaluation) : 1);
    return each(arguments.get(0).vector(evaluation), v -> Math.floor(v * inverse + 0.5) / inverse);
  }

  static List<Sample> clamp(Evaluation evaluation, List<Node> arguments) {
    List<Sample> vector = arguments.get(0).vector(evaluation);
    double min = arguments.get(1).scalar(evaluation);
    double max = arguments.get(2).scalar(evaluation);
    return max < min ? List.of() : each(vector, v -> larger(min, smaller(max, v)));
  }

  static List<Sample> clampMin(Evaluation evaluation, List<Node> arguments) {
    double min = arguments.get(1).scalar(evaluation);
    return each(arguments.get(0).vector(evaluation), v -> larger(min, v));
  }

  static List<Sample> clampMax(Evaluation evaluation, List<Node> arguments) {
    double max = arguments.get(1).scalar(evaluation);
    return each(arguments.get(0).vector(evaluation), v -> smaller(max, v));
  }

  static List<Sample> absent(Evaluation evaluation, List<Node> arguments) {
    Node argument = arguments.get(0);
    return argument.vector(evaluation).isEmpty()
        ? List.of(new Sample(LabelFunctions.ofAbsent(argument.inner()), 1))
        : List.of();
  }

  static List<Sample> scalar(Evaluation evaluation, List<Node> arguments) {
    List<Sample> vector = arguments.get(0).vector(evaluation);
    return single(vector.size() == 1 ? vector.get(0).value() : Double.NaN);
  }

  static List<Sample> vector(Evaluation evaluation, List<Node> arguments) {
    return single(arguments.get(0).scalar(evaluation));
  }

  static List<Sample> time(Evaluation evaluation, List<Node> arguments) {
    return single(evaluation.atMillis() / 1e3);
  }

  /** The time of the sample of a selector; the time of evaluation of anything else. */
  static List<Sample> timestamp(Evaluation evaluation, List<Node> arguments) {
    if (arguments.get(0).inner() instanceof SelectorNode selector) {
      return each(selector.timestamps(evaluation), v -> v);
    }
    return each(arguments.get(0).vector(evaluation), v -> evaluation.atMillis() / 1e3);
  }

  static List<Sample> sort(Evaluation evaluation, List<Node> arguments, Comparator<Sample> order) {
    List<Sample> sorted = new ArrayList<>(arguments.get(0).vector(evaluation));
    sorted.sort(order);
    return sorted;
  }

  /** Of the time of evaluation, or of values that are seconds since the epoch. */
  static List<Sample> dates(Evaluation evaluation, List<Node> arguments, OfDate body) {
    List<Sample> seconds =
        arguments.isEmpty()
            ? single(evaluation.atMillis() / 1e3)
            : arguments.get(0).vector(evaluation);
    return each(
        seconds,
        v ->
            Math.abs(v) <= LAST_SECOND
                ? body.apply(
                    LocalDateTime.ofInstant(Instant.ofEpochSecond((long) v), ZoneOffset.UTC))
                : Double.NaN);
  }

  private static List<Sample> single(double value) {
    return List.of(new Sample(Labels.empty(), value));
  }

  /** As Go has it: infinity is larger than NaN. */
  private static double larger(double a, double b) {
    double infinity = Double.POSITIVE_INFINITY;
    return a == infinity || b == infinity ? infinity : Math.max(a, b);
  }

  private static double smaller(double a, double b) {
    double infinity = Double.NEGATIVE_INFINITY;
    return a == infinity || b == infinity ? infinity : Math.min(a, b);
  }
}
