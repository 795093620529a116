package dev.agentops.alerts.promql;

/**
 * A word of an expression.
 *
 * @param text as written; of a string what it stands for
 * @param offset of its first character
 */
record Token(Kind kind, String text, int offset) {

  enum Kind {
    /** A name, or a word of the language: which of them depends on the place. */
    WORD,
    NUMBER,
    DURATION,
    STRING,
    /** An operator or a bracket. */
    SYMBOL,
    END
  }

  boolean is(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equalsIgnoreCase(word);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case END -> "end of input";
      case STRING -> Strings.quote(text);
      default -> "'" + text + "'";
    };
  }
}
