package dev.agentops.alerts.promql;

import java.util.List;

/** A part of an expression. Immutable; only the methods for its type work. */
abstract class Node {

  private final int depth;

  Node(List<Node> children) {
    int deepest = 0;
    for (Node child : children) {
      deepest = Math.max(deepest, child.depth);
    }
    depth = deepest + 1;
  }

  /** How many levels there are from here down. */
  final int depth() {
    return depth;
  }

  abstract ValueType type();

  /** Writes the canonical text. */
  abstract void print(StringBuilder text);

  /** How far back it looks from the time of evaluation, beyond the lookback of the store. */
  abstract long reachMillis();

  double scalar(Evaluation evaluation) {
    throw new IllegalStateException(type() + " is not a scalar");
  }

  List<Sample> vector(Evaluation evaluation) {
    throw new IllegalStateException(type() + " is not an instant vector");
  }

  /** What is inside of the parentheses, if there are any. */
  Node inner() {
    return this;
  }

  /** Whether the order of the result means something. */
  boolean sorted() {
    return false;
  }

  static long reach(List<Node> nodes) {
    long reach = 0;
    for (Node node : nodes) {
      reach = Math.max(reach, node.reachMillis());
    }
    return reach;
  }
}
