package dev.agentops.alerts.promql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A binary operator. */
enum Operator {
  OR("or", 1),
  AND("and", 2),
  UNLESS("unless", 2),
  EQUAL("==", 3),
  NOT_EQUAL("!=", 3),
  LESS("<", 3),
  LESS_OR_EQUAL("<=", 3),
  GREATER(">", 3),
  GREATER_OR_EQUAL(">=", 3),
  ADD("+", 4),
  SUBTRACT("-", 4),
  MULTIPLY("*", 5),
  DIVIDE("/", 5),
  MODULO("%", 5),
  POWER("^", 6);

  private final String text;
  private final int precedence;

  Operator(String text, int precedence) {
    this.text = text;
    this.precedence = precedence;
  }

  /** The operator a word stands for, if it does. */
  static @Nullable Operator of(Token token) {
    if (token.kind() == Token.Kind.SYMBOL || token.kind() == Token.Kind.WORD) {
      String word = token.text().toLowerCase(Locale.ROOT);
      for (Operator operator : values()) {
        if (operator.text.equals(word)) {
          return operator;
        }
      }
    }
    return null;
  }

  /** How strong it binds. */
  int precedence() {
    return precedence;
  }

  boolean isSet() {
    return precedence <= 2;
  }

  boolean isComparison() {
    return precedence == 3;
  }

  /** Whether a comparison holds. */
  boolean holds(double left, double right) {
    return switch (this) {
      case EQUAL -> left == right;
      case NOT_EQUAL -> left != right;
      case LESS -> left < right;
      case LESS_OR_EQUAL -> left <= right;
      case GREATER -> left > right;
      case GREATER_OR_EQUAL -> left >= right;
      default -> throw new IllegalStateException(text + " does not compare");
    };
  }

  /** The result of arithmetic. */
  double apply(double left, double right) {
    return switch (this) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> left / right;
      case MODULO -> left % right;
      case POWER -> power(left, right);
      default -> throw new IllegalStateException(text + " does not calculate");
    };
  }

  /** As Go has it: one to the power of anything is one, also where Java says NaN. */
  private static double power(double base, double exponent) {
    if (base == 1 || (base == -1 && Double.isInfinite(exponent))) {
      return 1;
    }
    return Math.pow(base, exponent);
  }

  @Override
  public String toString() {
    return text;
  }
}
