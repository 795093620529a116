package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Groups of series brought down to one value each: {@code sum by (model) (...)}. */
final class AggregateNode extends Node {

  private final Aggregation aggregation;
  private final @Nullable Node parameter;
  private final Node node;
  private final boolean without;
  private final List<String> labels;

  /**
   * An aggregation.
   *
   * @param without whether the labels are those that do not make the group
   */
  AggregateNode(
      Aggregation aggregation,
      @Nullable Node parameter,
      Node node,
      boolean without,
      List<String> labels) {
    super(parameter == null ? List.of(node) : List.of(parameter, node));
    this.aggregation = aggregation;
    this.parameter = parameter;
    this.node = node;
    this.without = without;
    this.labels = List.copyOf(labels);
  }

  @Override
  ValueType type() {
    return ValueType.VECTOR;
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    double argument = parameter == null ? 0 : parameter.scalar(evaluation);
    int most = aggregation.selects() ? count(argument) : 0;
    Map<Labels, List<Sample>> groups = new LinkedHashMap<>();
    for (Sample sample : node.vector(evaluation)) {
      groups.computeIfAbsent(group(sample.labels()), key -> new ArrayList<>()).add(sample);
    }
    List<Sample> result = new ArrayList<>();
    for (Map.Entry<Labels, List<Sample>> group : groups.entrySet()) {
      List<Sample> samples = group.getValue();
      if (aggregation.selects()) {
        samples.sort(aggregation == Aggregation.TOPK ? Order.DESCENDING : Order.ASCENDING);
        result.addAll(samples.subList(0, Math.min(most, samples.size())));
      } else {
        double[] values = new double[samples.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = samples.get(i).value();
        }
        result.add(new Sample(group.getKey(), aggregation.apply(values, argument)));
      }
    }
    return result;
  }

  private Labels group(Labels series) {
    if (without) {
      return series.filter(name -> !labels.contains(name) && !name.equals(Labels.NAME));
    }
    return labels.isEmpty() ? Labels.empty() : series.filter(labels::contains);
  }

  private static int count(double argument) {
    if (Double.isNaN(argument) || Math.abs(argument) >= 0x1p63) {
      throw new ExpressionException("Scalar value " + argument + " overflows int64");
    }
    return (int) Math.max(0, argument);
  }

  @Override
  boolean sorted() {
    return aggregation.selects();
  }

  @Override
  long reachMillis() {
    return Math.max(node.reachMillis(), parameter == null ? 0 : parameter.reachMillis());
  }

  @Override
  void print(StringBuilder text) {
    text.append(aggregation);
    if (without || !labels.isEmpty()) {
      text.append(without ? " without (" : " by (").append(String.join(", ", labels));
      text.append(") ");
    }
    text.append('(');
    if (parameter != null) {
      parameter.print(text);
      text.append(", ");
    }
    node.print(text);
    text.append(')');
  }
}
