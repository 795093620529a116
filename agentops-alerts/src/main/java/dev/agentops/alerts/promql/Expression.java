package dev.agentops.alerts.promql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An expression over time series in a subset of PromQL, with the results it has in Prometheus 2.42.
 * Immutable and thread-safe.
 *
 * <p>Left out is what alerts do not use: the modifier {@code @}, native histograms, trigonometry,
 * {@code holt_winters}, {@code count_values} and {@code atan2}; and of regular expressions what
 * Java and RE2 read differently. Each is refused by its name when the expression is parsed.
 */
public final class Expression {

  private final Node node;
  private final String text;

  private Expression(Node node) {
    this.node = node;
    StringBuilder printed = new StringBuilder();
    node.print(printed);
    this.text = printed.toString();
  }

  /**
   * Reads an expression.
   *
   * @throws ExpressionException if it is none, is not supported, or gives neither an instant vector
   *     nor a scalar; the message begins with line and column
   */
  public static Expression parse(String text) {
    return new Expression(Parser.parse(Objects.requireNonNull(text, "text")));
  }

  /**
   * The value of each series of the result at a time, in the order of their labels; after {@code
   * sort}, {@code topk} and the like in the order these give. A scalar is one sample without
   * labels.
   *
   * @throws ExpressionException if there is no result: series that do not match one to one, or that
   *     would have the same labels; too many samples
   */
  public List<Sample> evaluate(MetricStore store, Instant at) {
    Objects.requireNonNull(store, "store");
    Evaluation evaluation = new Evaluation(store, at.toEpochMilli());
    if (node.type() == ValueType.SCALAR) {
      return List.of(new Sample(Labels.empty(), node.scalar(evaluation)));
    }
    List<Sample> result = new ArrayList<>(node.vector(evaluation));
    if (!node.sorted()) {
      result.sort(Comparator.comparing(Sample::labels));
    }
    return Collections.unmodifiableList(result);
  }

  /**
   * How far back it looks beyond the lookback of the store: its ranges and offsets. A store must
   * {@linkplain MetricStore#retainAtLeast retain} as much.
   */
  public Duration range() {
    return Duration.ofMillis(node.reachMillis());
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof Expression other && text.equals(other.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The expression in one line, as Prometheus takes it. */
  @Override
  public String toString() {
    return text;
  }
}
