package dev.agentops.alerts.promql;

import java.util.List;

/** A part of an expression that gives the samples of a time range. */
abstract class RangeNode extends Node {

  /** Takes the samples of one series; the window is used again for the next. */
  @FunctionalInterface
  interface Visitor {
    void visit(Labels labels, Window window);
  }

  RangeNode(List<Node> children) {
    super(children);
  }

  @Override
  final ValueType type() {
    return ValueType.RANGE;
  }

  abstract long rangeMillis();

  abstract long offsetMillis();

  /** Shows each series that has samples in the range. */
  abstract void visit(Evaluation evaluation, Visitor visitor);
}
