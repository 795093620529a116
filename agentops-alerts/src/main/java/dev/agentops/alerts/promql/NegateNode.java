package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;

/** A minus in front of an expression. */
final class NegateNode extends Node {

  private final Node node;

  NegateNode(Node node) {
    super(List.of(node));
    this.node = node;
  }

  @Override
  ValueType type() {
    return node.type();
  }

  @Override
  double scalar(Evaluation evaluation) {
    return -node.scalar(evaluation);
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    List<Sample> result = new ArrayList<>();
    for (Sample sample : node.vector(evaluation)) {
      result.add(new Sample(sample.labels().withoutName(), -sample.value()));
    }
    return Evaluation.requireUnique(result);
  }

  @Override
  long reachMillis() {
    return node.reachMillis();
  }

  @Override
  void print(StringBuilder text) {
    text.append('-');
    node.print(text);
  }
}
