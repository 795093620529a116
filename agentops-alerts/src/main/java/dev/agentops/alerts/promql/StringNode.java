package dev.agentops.alerts.promql;

import java.util.List;

/** A string, as an argument of a function. */
final class StringNode extends Node {

  private final String value;

  StringNode(String value) {
    super(List.of());
    this.value = value;
  }

  String value() {
    return value;
  }

  @Override
  ValueType type() {
    return ValueType.STRING;
  }

  @Override
  long reachMillis() {
    return 0;
  }

  @Override
  void print(StringBuilder text) {
    text.append(Strings.quote(value));
  }
}
