package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the operands of an expression: numbers, selectors, functions and aggregations. */
final class Calls {

  private static final Set<String> UNSUPPORTED =
      Set.of(
          "acos",
          "acosh",
          "asin",
          "asinh",
          "atan",
          "atanh",
          "cos",
          "cosh",
          "deg",
          "pi",
          "rad",
          "sin",
          "sinh",
          "tan",
          "tanh",
          "histogram_count",
          "histogram_fraction",
          "histogram_sum",
          "holt_winters");

  private final Tokens tokens;
  private final Supplier<Node> expression;

  Calls(Tokens tokens, Supplier<Node> expression) {
    this.tokens = tokens;
    this.expression = expression;
  }

  /** A whole number may be hexadecimal, or octal with a zero before it. */
  Node number(Token token) {
    String text = token.text().toLowerCase(Locale.ROOT);
    try {
      if (text.startsWith("0x")) {
        return new NumberNode(Long.parseLong(text.substring(2), 16));
      }
      if (text.matches("0[0-7]+")) {
        return new NumberNode(Long.parseLong(text, 8));
      }
    } catch (NumberFormatException e) {
      throw tokens.error(token, "error parsing number: " + token);
    }
    OptionalDouble value = Numbers.parse(text);
    if (value.isEmpty() || Double.isInfinite(value.getAsDouble())) {
      throw tokens.error(token, "error parsing number: " + token);
    }
    return new NumberNode(value.getAsDouble());
  }

  /** The rest of a selector after the name. */
  Node selector(@Nullable String name) {
    Token start = tokens.peek();
    List<Matcher> matchers = new ArrayList<>();
    if (tokens.takeIf("{")) {
      while (!tokens.peek().is("}")) {
        matchers.add(matcher(name));
        if (!tokens.takeIf(",")) {
          break;
        }
      }
      tokens.expect("}", "label matching");
    }
    if (name == null && matchers.stream().allMatch(matcher -> matcher.matches(""))) {
      throw tokens.error(start, "vector selector must contain at least one non-empty matcher");
    }
    return new SelectorNode(name, matchers, 0);
  }

  private Matcher matcher(@Nullable String name) {
    Token label = tokens.take(Token.Kind.WORD, "label matching", "the name of a label or '}'");
    Token operator = tokens.take(Token.Kind.SYMBOL, "label matching", "one of = != =~ !~");
    if (!Set.of("=", "!=", "=~", "!~").contains(operator.text())) {
      throw tokens.error(operator, "unexpected " + operator + ", expected one of = != =~ !~");
    }
    Token value = tokens.take(Token.Kind.STRING, "label matching", "a string");
    if (!Labels.isLabelName(label.text())) {
      throw tokens.error(label, "not the name of a label: " + label);
    }
    if (name != null && label.text().equals(Labels.NAME)) {
      throw tokens.error(label, "metric name must not be set twice: '" + name + "' or " + value);
    }
    try {
      return new Matcher(label.text(), operator.text(), value.text());
    } catch (IllegalArgumentException e) {
      throw tokens.error(value, String.valueOf(e.getMessage()));
    }
  }

  /** Whether a word that comes now is called, rather than the name of a metric. */
  boolean isCall() {
    Token second = tokens.peekSecond();
    boolean grouping = second.isWord("by") || second.isWord("without");
    return second.is("(") || (grouping && Aggregation.of(tokens.peek().text()) != null);
  }

  Node call() {
    Token name = tokens.take();
    Aggregation aggregation = Aggregation.of(name.text());
    if (aggregation != null) {
      return aggregate(name, aggregation);
    }
    Function function = Functions.find(name.text());
    if (function == null) {
      boolean known = UNSUPPORTED.contains(name.text()) || name.isWord("count_values");
      throw tokens.error(
          name, known ? "the function " + name + " is not supported" : "unknown function " + name);
    }
    List<Node> arguments = arguments();
    if (arguments.size() < function.leastArguments()
        || arguments.size() > function.mostArguments()) {
      throw tokens.error(
          name,
          "wrong number of arguments in call to %s: %s %d, got %d"
              .formatted(
                  name,
                  arguments.size() < function.leastArguments() ? "at least" : "at most",
                  arguments.size() < function.leastArguments()
                      ? function.leastArguments()
                      : function.mostArguments(),
                  arguments.size()));
    }
    for (int i = 0; i < arguments.size(); i++) {
      requireType(arguments.get(i), function.parameter(i), name);
    }
    return new CallNode(function, arguments);
  }

  private Node aggregate(Token name, Aggregation aggregation) {
    boolean before = !tokens.peek().is("(");
    boolean without = before && tokens.take().isWord("without");
    List<String> labels = before ? tokens.takeLabels() : List.of();
    List<Node> arguments = arguments();
    if (!before && (tokens.peek().isWord("by") || tokens.peek().isWord("without"))) {
      without = tokens.take().isWord("without");
      labels = tokens.takeLabels();
    }
    int wanted = aggregation.hasParameter() ? 2 : 1;
    if (arguments.size() != wanted) {
      throw tokens.error(
          name,
          "wrong number of arguments for aggregate expression %s, expected %d, got %d"
              .formatted(name, wanted, arguments.size()));
    }
    Node parameter = aggregation.hasParameter() ? arguments.get(0) : null;
    if (parameter != null) {
      requireType(parameter, ValueType.SCALAR, name);
    }
    requireType(arguments.get(wanted - 1), ValueType.VECTOR, name);
    return new AggregateNode(aggregation, parameter, arguments.get(wanted - 1), without, labels);
  }

  private List<Node> arguments() {
    List<Node> arguments = new ArrayList<>();
    tokens.expect("(", "call");
    if (tokens.takeIf(")")) {
      return arguments;
    }
    do {
      arguments.add(expression.get());
    } while (tokens.takeIf(","));
    tokens.expect(")", "call");
    return arguments;
  }

  private void requireType(Node node, ValueType type, Token call) {
    if (node.type() != type) {
      throw tokens.error(
          call, "expected type " + type + " in call to " + call + ", got " + node.type());
    }
  }
}
