package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Two expressions and an operator between them. */
final class BinaryNode extends Node {

  private final Operator operator;
  private final Node left;
  private final Node right;
  private final boolean bool;
  private final Matching matching;

  /**
   * An operation.
   *
   * @param bool whether a comparison gives 0 and 1 rather than the series for which it holds
   */
  BinaryNode(Operator operator, Node left, Node right, boolean bool, Matching matching) {
    super(List.of(left, right));
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.bool = bool;
    this.matching = matching;
  }

  @Override
  ValueType type() {
    return isScalar(left) && isScalar(right) ? ValueType.SCALAR : ValueType.VECTOR;
  }

  @Override
  double scalar(Evaluation evaluation) {
    double leftValue = left.scalar(evaluation);
    double rightValue = right.scalar(evaluation);
    if (operator.isComparison()) {
      return operator.holds(leftValue, rightValue) ? 1 : 0;
    }
    return operator.apply(leftValue, rightValue);
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    if (isScalar(right)) {
      return withScalar(left.vector(evaluation), right.scalar(evaluation), false);
    }
    if (isScalar(left)) {
      return withScalar(right.vector(evaluation), left.scalar(evaluation), true);
    }
    List<Sample> leftSamples = left.vector(evaluation);
    List<Sample> rightSamples = right.vector(evaluation);
    return Evaluation.requireUnique(
        switch (operator) {
          case AND -> filter(leftSamples, keys(rightSamples), true);
          case UNLESS -> filter(leftSamples, keys(rightSamples), false);
          case OR -> {
            List<Sample> both = new ArrayList<>(leftSamples);
            both.addAll(filter(rightSamples, keys(leftSamples), false));
            yield both;
          }
          default -> matched(leftSamples, rightSamples);
        });
  }

  private List<Sample> withScalar(List<Sample> vector, double scalar, boolean swapped) {
    List<Sample> result = new ArrayList<>(vector.size());
    for (Sample sample : vector) {
      double leftValue = swapped ? scalar : sample.value();
      double rightValue = swapped ? sample.value() : scalar;
      combine(result, sample.labels(), leftValue, rightValue, sample.value());
    }
    return Evaluation.requireUnique(result);
  }

  /** Adds the result of two values, unless it is a comparison that does not hold. */
  private void combine(
      List<Sample> result, Labels labels, double leftValue, double rightValue, double kept) {
    if (!operator.isComparison()) {
      result.add(new Sample(labels.withoutName(), operator.apply(leftValue, rightValue)));
    } else if (bool) {
      double value = operator.holds(leftValue, rightValue) ? 1 : 0;
      result.add(new Sample(labels.withoutName(), value));
    } else if (operator.holds(leftValue, rightValue)) {
      result.add(new Sample(labels, kept));
    }
  }

  private Set<Labels> keys(List<Sample> samples) {
    Set<Labels> keys = new HashSet<>();
    for (Sample sample : samples) {
      keys.add(matching.key(sample.labels()));
    }
    return keys;
  }

  private List<Sample> filter(List<Sample> samples, Set<Labels> keys, boolean wanted) {
    List<Sample> result = new ArrayList<>();
    for (Sample sample : samples) {
      if (keys.contains(matching.key(sample.labels())) == wanted) {
        result.add(sample);
      }
    }
    return result;
  }

  private List<Sample> matched(List<Sample> leftSamples, List<Sample> rightSamples) {
    boolean swapped = matching.cardinality() == Matching.Cardinality.ONE_TO_MANY;
    boolean oneToOne = matching.cardinality() == Matching.Cardinality.ONE_TO_ONE;
    if (leftSamples.isEmpty() || rightSamples.isEmpty()) {
      return List.of();
    }
    Map<Labels, Sample> ones = ones(swapped ? leftSamples : rightSamples, swapped);
    Set<Labels> used = new HashSet<>();
    List<Sample> result = new ArrayList<>();
    for (Sample many : swapped ? rightSamples : leftSamples) {
      Labels key = matching.key(many.labels());
      Sample one = ones.get(key);
      if (one == null) {
        continue;
      }
      double leftValue = swapped ? one.value() : many.value();
      double rightValue = swapped ? many.value() : one.value();
      int before = result.size();
      combine(result, labels(many.labels(), one.labels()), leftValue, rightValue, leftValue);
      if (result.size() > before && oneToOne && !used.add(key)) {
        throw new ExpressionException(
            "multiple matches for labels "
                + key
                + ": many-to-one matching must be explicit (group_left/group_right)");
      }
    }
    return result;
  }

  private Map<Labels, Sample> ones(List<Sample> samples, boolean swapped) {
    Map<Labels, Sample> ones = new HashMap<>(2 * samples.size());
    for (Sample sample : samples) {
      Labels key = matching.key(sample.labels());
      Sample other = ones.put(key, sample);
      if (other != null) {
        throw new ExpressionException(
            "found duplicate series for the match group %s on the %s hand-side of the operation: [%s, %s]; many-to-many matching not allowed: matching labels must be unique on one side"
                .formatted(key, swapped ? "left" : "right", sample.labels(), other.labels()));
      }
    }
    return ones;
  }

  private Labels labels(Labels many, Labels one) {
    Labels result = many;
    if (matching.cardinality() == Matching.Cardinality.ONE_TO_ONE) {
      result =
          matching.on()
              ? many.filter(name -> matching.labels().contains(name))
              : many.filter(name -> !matching.labels().contains(name));
    }
    for (String name : matching.include()) {
      result = result.with(name, one.value(name));
    }
    return result;
  }

  @Override
  long reachMillis() {
    return Math.max(left.reachMillis(), right.reachMillis());
  }

  @Override
  void print(StringBuilder text) {
    left.print(text);
    text.append(' ').append(operator).append(bool ? " bool" : "");
    matching.print(text);
    text.append(' ');
    right.print(text);
  }

  private static boolean isScalar(Node node) {
    return node.type() == ValueType.SCALAR;
  }
}
