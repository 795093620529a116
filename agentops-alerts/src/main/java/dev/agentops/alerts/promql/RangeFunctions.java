package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions of a range vector, as in promql/functions.go of Prometheus 2.42. */
final class RangeFunctions {

  /**
   * The samples of one series, and the range they were asked for.
   *
   * @param atMillis the time of evaluation
   */
  record Range(Window window, long startMillis, long endMillis, long atMillis) {}

  /** One value of the samples of one series; null for no result. */
  @FunctionalInterface
  interface OfWindow {
    @Nullable Double apply(Range range);
  }

  private RangeFunctions() {}

  static List<Sample> apply(
      Evaluation evaluation, Node argument, OfWindow body, boolean keepsName) {
    RangeNode source = (RangeNode) argument.inner();
    long at = evaluation.atMillis();
    long end = at - source.offsetMillis();
    long start = end - source.rangeMillis();
    List<Sample> result = new ArrayList<>();
    source.visit(
        evaluation,
        (labels, window) -> {
          Double value = body.apply(new Range(window, start, end, at));
          if (value != null) {
            result.add(new Sample(keepsName ? labels : labels.withoutName(), value));
          }
        });
    return result;
  }

  /**
   * The change over the range, extrapolated to its ends where samples are near to them; for a
   * counter with its resets.
   */
  static @Nullable Double extrapolated(Range range, boolean counter, boolean perSecond) {
    Window window = range.window();
    int n = window.size();
    if (n < 2) {
      return null;
    }
    double change = window.lastValue() - window.value(0);
    for (int i = 1; counter && i < n; i++) {
      if (window.value(i) < window.value(i - 1)) {
        change += window.value(i - 1);
      }
    }
    double toStart = (window.time(0) - range.startMillis()) / 1e3;
    double toEnd = (range.endMillis() - window.lastTime()) / 1e3;
    double sampled = (window.lastTime() - window.time(0)) / 1e3;
    double between = sampled / (n - 1);
    if (counter && change > 0 && window.value(0) >= 0) {
      // a counter was not below zero before the first sample
      double toZero = sampled * (window.value(0) / change);
      if (toZero < toStart) {
        toStart = toZero;
      }
    }
    double threshold = between * 1.1;
    double extrapolated = sampled;
    extrapolated += toStart < threshold ? toStart : between / 2;
    extrapolated += toEnd < threshold ? toEnd : between / 2;
    double factor = extrapolated / sampled;
    if (perSecond) {
      factor /= (range.endMillis() - range.startMillis()) / 1e3;
    }
    return change * factor;
  }

  /** The change between the last two samples. */
  static @Nullable Double lastStep(Range range, boolean perSecond) {
    Window window = range.window();
    int n = window.size();
    if (n < 2) {
      return null;
    }
    double last = window.value(n - 1);
    double before = window.value(n - 2);
    double change = perSecond && last < before ? last : last - before;
    return perSecond ? change / ((window.time(n - 1) - window.time(n - 2)) / 1e3) : change;
  }

  static @Nullable Double slope(Range range) {
    Window window = range.window();
    return window.size() < 2 ? null : Statistics.line(window, window.time(0))[0];
  }

  static Double changes(Range range) {
    Window window = range.window();
    int changes = 0;
    for (int i = 1; i < window.size(); i++) {
      double before = window.value(i - 1);
      double value = window.value(i);
      changes += value != before && !(Double.isNaN(value) && Double.isNaN(before)) ? 1 : 0;
    }
    return (double) changes;
  }

  static Double resets(Range range) {
    Window window = range.window();
    int resets = 0;
    for (int i = 1; i < window.size(); i++) {
      resets += window.value(i) < window.value(i - 1) ? 1 : 0;
    }
    return (double) resets;
  }

  static List<Sample> quantile(Evaluation evaluation, List<Node> arguments) {
    double quantile = arguments.get(0).scalar(evaluation);
    return apply(
        evaluation,
        arguments.get(1),
        range -> Statistics.quantile(quantile, range.window().copyOfValues()),
        false);
  }

  static List<Sample> predictLinear(Evaluation evaluation, List<Node> arguments) {
    double seconds = arguments.get(1).scalar(evaluation);
    return apply(
        evaluation,
        arguments.get(0),
        range -> {
          if (range.window().size() < 2) {
            return null;
          }
          double[] line = Statistics.line(range.window(), range.atMillis());
          return line[0] * seconds + line[1];
        },
        false);
  }

  static List<Sample> absent(Evaluation evaluation, List<Node> arguments) {
    boolean[] present = new boolean[1];
    RangeNode source = (RangeNode) arguments.get(0).inner();
    source.visit(evaluation, (labels, window) -> present[0] = true);
    return present[0] ? List.of() : List.of(new Sample(LabelFunctions.ofAbsent(source), 1));
  }
}
