package dev.agentops.alerts.promql;

import java.util.List;

/** The samples of a selector in a time range: {@code errors_total[5m]}. */
final class WindowNode extends RangeNode {

  private final SelectorNode selector;
  private final long rangeMillis;

  WindowNode(SelectorNode selector, long rangeMillis) {
    super(List.of(selector));
    this.selector = selector;
    this.rangeMillis = rangeMillis;
  }

  SelectorNode selector() {
    return selector;
  }

  WindowNode withOffset(long offsetMillis) {
    return new WindowNode(selector.withOffset(offsetMillis), rangeMillis);
  }

  @Override
  long rangeMillis() {
    return rangeMillis;
  }

  @Override
  long offsetMillis() {
    return selector.offsetMillis();
  }

  @Override
  void visit(Evaluation evaluation, Visitor visitor) {
    long to = evaluation.atMillis() - offsetMillis();
    Window window = new Window();
    List<Series> selected = selector.select(evaluation.store());
    for (int i = 0; i < selected.size(); i++) {
      Series series = selected.get(i);
      series.range(to - rangeMillis, to, window);
      evaluation.count(window.size() + 1);
      if (window.size() > 0) {
        visitor.visit(series.labels(), window);
      }
    }
  }

  @Override
  long reachMillis() {
    return rangeMillis + selector.reachMillis();
  }

  @Override
  void print(StringBuilder text) {
    selector.printSelector(text);
    text.append('[').append(Durations.format(rangeMillis)).append(']');
    SelectorNode.printOffset(text, offsetMillis());
  }
}
