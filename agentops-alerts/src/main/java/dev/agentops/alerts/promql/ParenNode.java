package dev.agentops.alerts.promql;

import java.util.List;

/** An expression in parentheses; kept so that the text can be written again. */
final class ParenNode extends Node {

  private final Node node;

  ParenNode(Node node) {
    super(List.of(node));
    this.node = node;
  }

  @Override
  Node inner() {
    return node.inner();
  }

  @Override
  ValueType type() {
    return node.type();
  }

  @Override
  double scalar(Evaluation evaluation) {
    return node.scalar(evaluation);
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    return node.vector(evaluation);
  }

  @Override
  boolean sorted() {
    return node.sorted();
  }

  @Override
  long reachMillis() {
    return node.reachMillis();
  }

  @Override
  void print(StringBuilder text) {
    text.append('(');
    node.print(text);
    text.append(')');
  }
}
