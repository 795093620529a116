package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The current values of the series that match. */
final class SelectorNode extends Node {

  private final @Nullable String name;
  private final List<Matcher> matchers;
  private final long offsetMillis;

  /**
   * A selector.
   *
   * @param name of the metric, as written before the braces
   * @param matchers in the braces
   */
  SelectorNode(@Nullable String name, List<Matcher> matchers, long offsetMillis) {
    super(List.of());
    this.name = name;
    this.matchers = List.copyOf(matchers);
    this.offsetMillis = offsetMillis;
  }

  SelectorNode withOffset(long otherMillis) {
    return new SelectorNode(name, matchers, otherMillis);
  }

  List<Matcher> matchers() {
    return matchers;
  }

  long offsetMillis() {
    return offsetMillis;
  }

  /** The series that match, whether they have a value now or not, in the order of their labels. */
  List<Series> select(MetricStore store) {
    List<Series> candidates = store.select(exactName());
    if (matchers.isEmpty()) {
      return candidates;
    }
    List<Series> selected = new ArrayList<>();
    for (Series series : candidates) {
      if (matches(series.labels())) {
        selected.add(series);
      }
    }
    return selected;
  }

  private @Nullable String exactName() {
    if (name != null) {
      return name;
    }
    for (Matcher matcher : matchers) {
      if (matcher.isEqual() && matcher.name().equals(Labels.NAME)) {
        return matcher.value();
      }
    }
    return null;
  }

  private boolean matches(Labels labels) {
    for (int i = 0; i < matchers.size(); i++) {
      if (!matchers.get(i).matches(labels)) {
        return false;
      }
    }
    return true;
  }

  @Override
  ValueType type() {
    return ValueType.VECTOR;
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    return samples(evaluation, false);
  }

  /** The same series with the time of their sample, in seconds, as the value. */
  List<Sample> timestamps(Evaluation evaluation) {
    return samples(evaluation, true);
  }

  private List<Sample> samples(Evaluation evaluation, boolean times) {
    MetricStore store = evaluation.store();
    List<Series> series = select(store);
    evaluation.count(series.size());
    List<Sample> result = new ArrayList<>(series.size());
    Window one = new Window();
    long at = evaluation.atMillis() - offsetMillis;
    long lookback = store.lookback().toMillis();
    for (int i = 0; i < series.size(); i++) {
      if (series.get(i).latest(at, lookback, one)) {
        double value = times ? one.lastTime() / 1e3 : one.lastValue();
        result.add(new Sample(series.get(i).labels(), value));
      }
    }
    return result;
  }

  @Override
  long reachMillis() {
    return Math.max(0, offsetMillis);
  }

  @Override
  void print(StringBuilder text) {
    printSelector(text);
    printOffset(text, offsetMillis);
  }

  void printSelector(StringBuilder text) {
    text.append(name == null ? "" : name);
    if (name == null || !matchers.isEmpty()) {
      text.append('{');
      for (int i = 0; i < matchers.size(); i++) {
        text.append(i == 0 ? "" : ",").append(matchers.get(i));
      }
      text.append('}');
    }
  }

  static void printOffset(StringBuilder text, long offsetMillis) {
    if (offsetMillis != 0) {
      text.append(offsetMillis < 0 ? " offset -" : " offset ");
      text.append(Durations.format(Math.abs(offsetMillis)));
    }
  }
}
