package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads an expression: operators, parentheses and what follows an operand. */
final class Parser {

  /** So deep no rule is; it keeps the recursion far from the end of the stack. */
  static final int MAX_DEPTH = 250;

  private static final int MAX_LENGTH = 100_000;
  private static final Set<String> NO_NAMES =
      Set.of("bool", "on", "ignoring", "group_left", "group_right", "atan2");

  private final Tokens tokens;
  private final Calls calls;
  private int depth;

  private Parser(String text) {
    tokens = new Tokens(text);
    calls = new Calls(tokens, () -> expression(1));
  }

  /**
   * The expression of a text.
   *
   * @throws ExpressionException with the place of the mistake
   */
  static Node parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw ExpressionException.at(text, 0, "the expression has " + text.length() + " characters");
    }
    Parser parser = new Parser(text);
    if (parser.tokens.peek().kind() == Token.Kind.END) {
      throw ExpressionException.at(text, 0, "no expression found in input");
    }
    Token first = parser.tokens.peek();
    Node node = parser.expression(1);
    if (parser.tokens.peek().kind() != Token.Kind.END) {
      throw parser.unsupportedOr("expression", "an operator or the end");
    }
    if (node.type() == ValueType.RANGE || node.type() == ValueType.STRING) {
      throw parser.tokens.error(
          first, "the result must be an instant vector or scalar, and is a " + node.type());
    }
    return node;
  }

  private Node expression(int leastPrecedence) {
    if (++depth > MAX_DEPTH) {
      throw tokens.error(tokens.peek(), "nested too deep at " + tokens.peek());
    }
    Node left = operand();
    Operator operator = Operator.of(tokens.peek());
    while (operator != null && operator.precedence() >= leastPrecedence) {
      left = binary(left, operator);
      operator = Operator.of(tokens.peek());
    }
    depth--;
    return left;
  }

  private Node binary(Node left, Operator operator) {
    Token token = tokens.take();
    boolean bool = tokens.takeIfWord("bool");
    Matching matching = matching();
    // the power binds to the right: 2 ^ 3 ^ 2 is 2 ^ 9
    Node right = expression(operator.precedence() + (operator == Operator.POWER ? 0 : 1));
    requireOperand(left, token);
    requireOperand(right, token);
    boolean scalars = left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR;
    boolean vectors = left.type() == ValueType.VECTOR && right.type() == ValueType.VECTOR;
    boolean grouped = matching.cardinality() != Matching.Cardinality.ONE_TO_ONE;
    if (bool && !operator.isComparison()) {
      throw tokens.error(token, "bool modifier can only be used on comparison operators");
    }
    if (operator.isComparison() && !bool && scalars) {
      throw tokens.error(token, "comparisons between scalars must use BOOL modifier");
    }
    if (operator.isSet() && !vectors) {
      throw tokens.error(token, "set operator " + token + " not allowed with a scalar");
    }
    if (operator.isSet() && grouped) {
      throw tokens.error(token, "no grouping allowed for " + token + " operation");
    }
    if (!vectors && !matching.labels().isEmpty()) {
      throw tokens.error(token, "vector matching only allowed between instant vectors");
    }
    return limited(
        new BinaryNode(operator, left, right, bool, vectors ? matching : Matching.DEFAULT), token);
  }

  private void requireOperand(Node node, Token operator) {
    if (node.type() != ValueType.SCALAR && node.type() != ValueType.VECTOR) {
      throw tokens.error(
          operator,
          "binary expression must contain only scalar and instant vector types, not a "
              + node.type());
    }
  }

  private Matching matching() {
    boolean on = tokens.peek().isWord("on");
    if (!on && !tokens.peek().isWord("ignoring")) {
      return Matching.DEFAULT;
    }
    tokens.take();
    List<String> labels = tokens.takeLabels();
    boolean left = tokens.peek().isWord("group_left");
    if (!left && !tokens.peek().isWord("group_right")) {
      return new Matching(on, labels, Matching.Cardinality.ONE_TO_ONE, List.of());
    }
    Token group = tokens.take();
    List<String> include = tokens.peek().is("(") ? tokens.takeLabels() : List.of();
    for (String label : include) {
      if (on && labels.contains(label)) {
        throw tokens.error(
            group, "label '" + label + "' must not occur in ON and GROUP clause at once");
      }
    }
    return new Matching(
        on,
        labels,
        left ? Matching.Cardinality.MANY_TO_ONE : Matching.Cardinality.ONE_TO_MANY,
        include);
  }

  private Node operand() {
    Token sign = tokens.peek();
    if (!sign.is("-") && !sign.is("+")) {
      return followed(primary(), sign);
    }
    tokens.take();
    Node node = expression(Operator.POWER.precedence());
    if (node.type() != ValueType.SCALAR && node.type() != ValueType.VECTOR) {
      throw tokens.error(
          sign,
          "unary expression only allowed on expressions of type scalar or instant vector, got "
              + node.type());
    }
    if (sign.is("+")) {
      return node;
    }
    return node instanceof NumberNode number
        ? number.negated()
        : limited(new NegateNode(node), sign);
  }

  private Node primary() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NUMBER -> calls.number(tokens.take());
      case STRING -> new StringNode(tokens.take().text());
      case WORD -> named(token);
      case SYMBOL -> {
        if (token.is("{")) {
          yield calls.selector(null);
        }
        if (!tokens.takeIf("(")) {
          throw tokens.unexpected("expression", "an operand");
        }
        Node node = new ParenNode(expression(1));
        tokens.expect(")", "paren expression");
        yield node;
      }
      default -> throw tokens.unexpected("expression", "an operand");
    };
  }

  private Node named(Token token) {
    String word = token.text().toLowerCase(Locale.ROOT);
    if (NO_NAMES.contains(word)) {
      throw tokens.unexpected("expression", "an operand");
    }
    if (word.equals("inf") || word.equals("nan")) {
      tokens.take();
      return new NumberNode(word.equals("inf") ? Double.POSITIVE_INFINITY : Double.NaN);
    }
    return calls.isCall() ? calls.call() : calls.selector(tokens.take().text());
  }

  /** Ranges, subqueries and offsets. */
  private Node followed(Node operand, Token start) {
    Node node = operand;
    List<Token> offsets = new ArrayList<>();
    while (true) {
      if (tokens.peek().is("[")) {
        node = ranged(node, tokens.take(), !offsets.isEmpty());
        offsets.clear();
      } else if (tokens.peek().isWord("offset")) {
        offsets.add(tokens.take());
        if (offsets.size() > 1) {
          throw tokens.error(offsets.get(1), "offset may not be set multiple times");
        }
        node = shifted(node, offsets.get(0));
      } else if (tokens.peek().is("@")) {
        throw tokens.error(tokens.peek(), "the modifier '@' is not supported");
      } else {
        return limited(node, start);
      }
    }
  }

  private Node ranged(Node node, Token bracket, boolean shifted) {
    long range = tokens.takeDuration("range");
    if (tokens.takeIf(":")) {
      long step = tokens.peek().is("]") ? 0 : tokens.takeDuration("subquery");
      tokens.expect("]", "subquery");
      if (node.type() != ValueType.VECTOR) {
        throw tokens.error(
            bracket, "subquery is only allowed on instant vector, got " + node.type());
      }
      return new SubqueryNode(node, range, step, 0);
    }
    tokens.expect("]", "range");
    if (!(node instanceof SelectorNode selector)) {
      throw tokens.error(bracket, "ranges only allowed for vector selectors");
    }
    if (shifted) {
      throw tokens.error(bracket, "no offset modifiers allowed before range");
    }
    return new WindowNode(selector, range);
  }

  private Node shifted(Node node, Token offset) {
    int sign = tokens.takeIf("-") ? -1 : 1;
    long millis = sign * tokens.takeDuration("offset");
    if (node instanceof SelectorNode selector) {
      return selector.withOffset(millis);
    }
    if (node instanceof WindowNode window) {
      return window.withOffset(millis);
    }
    if (node instanceof SubqueryNode subquery) {
      return subquery.withOffset(millis);
    }
    throw tokens.error(
        offset,
        "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery");
  }

  private Node limited(Node node, Token at) {
    if (node.depth() > MAX_DEPTH) {
      throw tokens.error(at, "nested too deep at " + at);
    }
    return node;
  }

  private ExpressionException unsupportedOr(String context, String expected) {
    return tokens.peek().isWord("atan2")
        ? tokens.error(tokens.peek(), "the operator 'atan2' is not supported")
        : tokens.unexpected(context, expected);
  }
}
