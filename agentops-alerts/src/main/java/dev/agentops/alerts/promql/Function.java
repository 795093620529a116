package dev.agentops.alerts.promql;

import java.util.List;

/**
 * A function of the language.
 *
 * @param parameters the types of the arguments
 * @param optional how many of the last parameters may be left out; -1 if the last may also be
 *     repeated
 */
record Function(
    String name, ValueType result, List<ValueType> parameters, int optional, Body body) {

  /** What it does. A scalar result is the value of the only sample. */
  @FunctionalInterface
  interface Body {
    List<Sample> apply(Evaluation evaluation, List<Node> arguments);
  }

  int leastArguments() {
    return parameters.size() - Math.abs(optional);
  }

  int mostArguments() {
    return optional < 0 ? Integer.MAX_VALUE : parameters.size();
  }

  /** The type of an argument. */
  ValueType parameter(int i) {
    return parameters.get(Math.min(i, parameters.size() - 1));
  }
}
