package dev.agentops.alerts.promql;

import java.util.List;

/** A number. */
final class NumberNode extends Node {

  private final double value;

  NumberNode(double value) {
    super(List.of());
    this.value = value;
  }

  NumberNode negated() {
    return new NumberNode(-value);
  }

  @Override
  ValueType type() {
    return ValueType.SCALAR;
  }

  @Override
  double scalar(Evaluation evaluation) {
    return value;
  }

  @Override
  long reachMillis() {
    return 0;
  }

  @Override
  void print(StringBuilder text) {
    text.append(Numbers.format(value));
  }
}
