package dev.agentops.alerts.promql;

import java.util.List;

/**
 * Which series of the two sides of an operator belong together.
 *
 * @param on whether the labels are those that count, rather than those that do not
 * @param labels of on() or ignoring()
 * @param cardinality of group_left() and group_right()
 * @param include labels to take over from the side of the one
 */
record Matching(boolean on, List<String> labels, Cardinality cardinality, List<String> include) {

  static final Matching DEFAULT = new Matching(false, List.of(), Cardinality.ONE_TO_ONE, List.of());

  enum Cardinality {
    ONE_TO_ONE(""),
    MANY_TO_ONE("group_left"),
    ONE_TO_MANY("group_right");

    private final String keyword;

    Cardinality(String keyword) {
      this.keyword = keyword;
    }
  }

  /** What two series must have in common. */
  Labels key(Labels series) {
    return on
        ? series.filter(labels::contains)
        : series.filter(name -> !name.equals(Labels.NAME) && !labels.contains(name));
  }

  void print(StringBuilder text) {
    if (on || !labels.isEmpty() || cardinality != Cardinality.ONE_TO_ONE) {
      text.append(on ? " on (" : " ignoring (").append(String.join(", ", labels)).append(')');
    }
    if (cardinality != Cardinality.ONE_TO_ONE) {
      text.append(' ').append(cardinality.keyword);
      text.append(" (").append(String.join(", ", include)).append(')');
    }
  }
}
