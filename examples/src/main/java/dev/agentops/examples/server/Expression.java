package dev.agentops.examples.server;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * A recursive-descent evaluator of arithmetic: {@code + - * / % ^}, signs, parentheses, {@code
 * sqrt}. A power binds tighter than a sign before it and groups to the right. Length, depth and
 * exponents are bounded, so that no expression takes long.
 */
final class Expression {

  private static final MathContext PRECISION = MathContext.DECIMAL128;
  private static final int MAX_LENGTH = 500;
  private static final int MAX_DEPTH = 50;
  private static final int MAX_EXPONENT = 9_999;
  private static final int MAX_MAGNITUDE = 100_000;

  private final String text;
  private int at;
  private int depth;

  private Expression(String text) {
    this.text = text;
  }

  /**
   * The value.
   *
   * @throws IllegalArgumentException if it is no expression or too long; says where
   * @throws ArithmeticException if it has no value, or one out of bounds
   */
  static BigDecimal evaluate(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("more than " + MAX_LENGTH + " characters");
    }
    Expression expression = new Expression(text);
    BigDecimal value = expression.sum();
    if (expression.peek() != 0) {
      throw expression.unexpected();
    }
    return value;
  }

  private BigDecimal sum() {
    if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException("more than " + MAX_DEPTH + " levels");
    }
    BigDecimal value = product();
    while (true) {
      if (take('+')) {
        value = value.add(product(), PRECISION);
      } else if (take('-')) {
        value = value.subtract(product(), PRECISION);
      } else {
        depth--;
        return value;
      }
    }
  }

  private BigDecimal product() {
    BigDecimal value = signed();
    while (true) {
      if (take('*') || take('×')) {
        value = bounded(value.multiply(signed(), PRECISION));
      } else if (take('/') || take('÷')) {
        value = bounded(value.divide(notZero(signed()), PRECISION));
      } else if (take('%')) {
        value = value.remainder(notZero(signed()), PRECISION);
      } else {
        return value;
      }
    }
  }

  private BigDecimal signed() {
    boolean negative = false;
    while (peek() == '-' || peek() == '+') {
      negative ^= text.charAt(at++) == '-';
    }
    BigDecimal value = power();
    return negative ? value.negate() : value;
  }

  private BigDecimal power() {
    BigDecimal base = atom();
    if (!take('^')) {
      return base;
    }
    if (++depth > MAX_DEPTH) { // 2^2^2^... nests as well
      throw new IllegalArgumentException("more than " + MAX_DEPTH + " levels");
    }
    BigDecimal exponent = signed();
    depth--;
    if (exponent.stripTrailingZeros().scale() > 0
        || exponent.abs().compareTo(BigDecimal.valueOf(MAX_EXPONENT)) > 0) {
      throw new ArithmeticException(
          "an exponent is a whole number of at most " + MAX_EXPONENT + ", not " + exponent);
    }
    int n = exponent.intValueExact();
    BigDecimal value = bounded(base.pow(Math.abs(n), PRECISION));
    return n < 0 ? BigDecimal.ONE.divide(notZero(value), PRECISION) : value;
  }

  private BigDecimal atom() {
    if (take('(')) {
      BigDecimal value = sum();
      expect(')');
      return value;
    }
    if (peek() == 's' && text.startsWith("sqrt", at)) {
      at += "sqrt".length();
      expect('(');
      BigDecimal value = sum();
      expect(')');
      return value.sqrt(PRECISION);
    }
    return number();
  }

  private BigDecimal number() {
    peek();
    int start = at;
    while (at < text.length() && isNumberPart(text.charAt(at))) {
      at++;
    }
    try {
      return new BigDecimal(text.substring(start, at), PRECISION);
    } catch (NumberFormatException e) {
      at = start;
      throw unexpected();
    }
  }

  private static boolean isNumberPart(char c) {
    return (c >= '0' && c <= '9') || c == '.';
  }

  private static BigDecimal notZero(BigDecimal divisor) {
    if (divisor.signum() == 0) {
      throw new ArithmeticException("division by zero");
    }
    return divisor;
  }

  private static BigDecimal bounded(BigDecimal value) {
    if (Math.abs((long) value.precision() - value.scale()) > MAX_MAGNITUDE) {
      throw new ArithmeticException("the number has more than " + MAX_MAGNITUDE + " digits");
    }
    return value;
  }

  private void expect(char wanted) {
    if (!take(wanted)) {
      throw unexpected();
    }
  }

  private boolean take(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  /** The next character that is no blank; 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException(
        at >= text.length()
            ? "it ends too early"
            : "unexpected '" + text.charAt(at) + "' at character " + (at + 1));
  }
}
