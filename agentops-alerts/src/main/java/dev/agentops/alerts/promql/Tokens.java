package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The words of an expression, one after the other. Not thread-safe. */
final class Tokens {

  /** Words of the language that Prometheus does not take as labels, unlike all others. */
  private static final Set<String> NO_LABELS = Set.of("without", "inf", "nan");

  private final String text;
  private final List<Token> tokens;
  private int next;

  Tokens(String text) {
    this.text = text;
    this.tokens = Lexer.read(text);
  }

  Token peek() {
    return tokens.get(next);
  }

  Token peekSecond() {
    return tokens.get(Math.min(next + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  Token take(Token.Kind kind, String context, String expected) {
    if (peek().kind() != kind) {
      throw unexpected(context, expected);
    }
    return take();
  }

  boolean takeIf(String symbol) {
    return peek().is(symbol) && take().is(symbol);
  }

  boolean takeIfWord(String word) {
    return peek().isWord(word) && take().isWord(word);
  }

  void expect(String symbol, String context) {
    if (!takeIf(symbol)) {
      throw unexpected(context, "'" + symbol + "'");
    }
  }

  /** Names of labels in parentheses, which words of the language may be too. */
  List<String> takeLabels() {
    List<String> labels = new ArrayList<>();
    expect("(", "grouping");
    while (!peek().is(")")) {
      Token label = take(Token.Kind.WORD, "grouping", "label");
      if (!Labels.isLabelName(label.text())
          || NO_LABELS.contains(label.text().toLowerCase(Locale.ROOT))) {
        throw error(label, "not the name of a label: " + label);
      }
      labels.add(label.text());
      if (!takeIf(",")) {
        break;
      }
    }
    expect(")", "grouping");
    return labels;
  }

  long takeDuration(String context) {
    Token token = take(Token.Kind.DURATION, context, "a duration");
    try {
      return Durations.parse(token.text());
    } catch (IllegalArgumentException e) {
      throw error(token, String.valueOf(e.getMessage()));
    }
  }

  ExpressionException unexpected(String context, String expected) {
    return error(peek(), "unexpected " + peek() + " in " + context + ", expected " + expected);
  }

  ExpressionException error(Token token, String message) {
    return ExpressionException.at(text, token.offset(), message);
  }
}
