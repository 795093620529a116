package dev.agentops.alerts.promql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An expression evaluated again and again over a time range: {@code max(up)[1h:1m]}. */
final class SubqueryNode extends RangeNode {

  private final Node node;
  private final long rangeMillis;
  private final long stepMillis;
  private final long offsetMillis;

  /**
   * A subquery.
   *
   * @param stepMillis zero for the step of the store
   */
  SubqueryNode(Node node, long rangeMillis, long stepMillis, long offsetMillis) {
    super(List.of(node));
    this.node = node;
    this.rangeMillis = rangeMillis;
    this.stepMillis = stepMillis;
    this.offsetMillis = offsetMillis;
  }

  SubqueryNode withOffset(long otherMillis) {
    return new SubqueryNode(node, rangeMillis, stepMillis, otherMillis);
  }

  @Override
  long rangeMillis() {
    return rangeMillis;
  }

  @Override
  long offsetMillis() {
    return offsetMillis;
  }

  /** The steps are the multiples of the step, whatever the time of evaluation. */
  @Override
  void visit(Evaluation evaluation, Visitor visitor) {
    long step = stepMillis > 0 ? stepMillis : evaluation.store().subqueryStep().toMillis();
    long to = evaluation.atMillis() - offsetMillis;
    long first = -Math.floorDiv(rangeMillis - to, step) * step;
    Map<Labels, Window> windows = new LinkedHashMap<>();
    for (long at = first; at <= to; at += step) {
      for (Sample sample : node.vector(evaluation.at(at))) {
        windows.computeIfAbsent(sample.labels(), key -> new Window()).add(at, sample.value());
      }
    }
    windows.forEach(visitor::visit);
  }

  @Override
  long reachMillis() {
    return rangeMillis + Math.max(0, offsetMillis) + node.reachMillis();
  }

  @Override
  void print(StringBuilder text) {
    node.print(text);
    text.append('[').append(Durations.format(rangeMillis)).append(':');
    if (stepMillis > 0) {
      text.append(Durations.format(stepMillis));
    }
    text.append(']');
    SelectorNode.printOffset(text, offsetMillis);
  }
}
