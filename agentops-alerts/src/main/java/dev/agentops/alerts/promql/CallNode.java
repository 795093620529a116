package dev.agentops.alerts.promql;

import java.util.List;

/** The call of a function. */
final class CallNode extends Node {

  private final Function function;
  private final List<Node> arguments;

  CallNode(Function function, List<Node> arguments) {
    super(arguments);
    this.function = function;
    this.arguments = List.copyOf(arguments);
  }

  @Override
  ValueType type() {
    return function.result();
  }

  @Override
  double scalar(Evaluation evaluation) {
    return function.body().apply(evaluation, arguments).get(0).value();
  }

  @Override
  List<Sample> vector(Evaluation evaluation) {
    return Evaluation.requireUnique(function.body().apply(evaluation, arguments));
  }

  @Override
  boolean sorted() {
    return function.name().startsWith("sort");
  }

  @Override
  long reachMillis() {
    return reach(arguments);
  }

  @Override
  void print(StringBuilder text) {
    text.append(function.name()).append('(');
    for (int i = 0; i < arguments.size(); i++) {
      text.append(i == 0 ? "" : ", ");
      arguments.get(i).print(text);
    }
    text.append(')');
  }
}
