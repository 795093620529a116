package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts the text of an expression into words. */
final class Lexer {

  private static final Pattern SKIPPED = Pattern.compile("(?:[ \\t\\r\\n]|#[^\\r\\n]*+)*+");
  private static final Pattern WORD = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*+");
  private static final Pattern DURATION = Pattern.compile("(?:[0-9]++(?:ms|[smhdwy]))++");
  private static final Pattern NUMBER =
      Pattern.compile("0[xX][0-9a-fA-F]++|(?:[0-9]++\\.?[0-9]*+|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?");
  private static final Pattern SYMBOL =
      Pattern.compile("==|=~|!=|!~|>=|<=|[-+*/%^=<>(){}\\[\\],:@]");

  /** In brackets a colon parts the range from the step, elsewhere it may start a name. */
  private static final Pattern SYMBOL_IN_BRACKETS = Pattern.compile(":");

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private boolean inBrackets;
  private int offset;

  private Lexer(String text) {
    this.text = text;
  }

  /** The words, with an end after them. */
  static List<Token> read(String text) {
    Lexer lexer = new Lexer(text);
    lexer.readAll();
    return lexer.tokens;
  }

  private void readAll() {
    skip();
    while (offset < text.length()) {
      char c = text.charAt(offset);
      if (c == '"' || c == '\'' || c == '`') {
        readString();
      } else if (!read(SYMBOL_IN_BRACKETS, Token.Kind.SYMBOL, inBrackets)
          && !read(WORD, Token.Kind.WORD, true)
          && !readNumber()
          && !read(SYMBOL, Token.Kind.SYMBOL, true)) {
        throw error(offset, "unexpected character: '" + c + "'");
      }
      skip();
    }
    tokens.add(new Token(Token.Kind.END, "", offset));
  }

  private void skip() {
    Matcher matcher = at(SKIPPED);
    matcher.lookingAt();
    offset = matcher.end();
  }

  private boolean readNumber() {
    if (read(DURATION, Token.Kind.DURATION, true) || read(NUMBER, Token.Kind.NUMBER, true)) {
      if (at(WORD).lookingAt() && text.charAt(offset) != ':') {
        Token last = tokens.get(tokens.size() - 1);
        throw error(last.offset(), "bad number or duration syntax: " + last);
      }
      return true;
    }
    return false;
  }

  private boolean read(Pattern pattern, Token.Kind kind, boolean wanted) {
    Matcher matcher = at(pattern);
    if (!wanted || !matcher.lookingAt()) {
      return false;
    }
    tokens.add(new Token(kind, matcher.group(), offset));
    if (kind == Token.Kind.SYMBOL) {
      char symbol = matcher.group().charAt(0);
      inBrackets = symbol == '[' || (inBrackets && symbol != ']');
    }
    offset = matcher.end();
    return true;
  }

  private Matcher at(Pattern pattern) {
    return pattern.matcher(text).region(offset, text.length());
  }

  private void readString() {
    int start = offset;
    char quote = text.charAt(offset++);
    StringBuilder value = new StringBuilder();
    while (offset < text.length() && text.charAt(offset) != quote) {
      char c = text.charAt(offset++);
      if (c == '\n' && quote != '`') {
        throw error(start, "unterminated quoted string");
      }
      if (c == '\\' && quote != '`') {
        readEscape(quote, value);
      } else {
        value.append(c);
      }
    }
    if (offset == text.length()) {
      throw error(start, "unterminated quoted string");
    }
    offset++;
    tokens.add(new Token(Token.Kind.STRING, value.toString(), start));
  }

  private void readEscape(char quote, StringBuilder value) {
    int start = offset - 1;
    char c = offset < text.length() ? text.charAt(offset++) : ' ';
    int simple = "abfnrtv\\".indexOf(c);
    if (c == quote) {
      value.append(quote);
    } else if (simple >= 0) {
      value.append("\u0007\b\f\n\r\t\u000b\\".charAt(simple));
    } else if (c == 'x') {
      value.appendCodePoint(readCode(start, offset, 2, 16, 0x7f));
    } else if (c == 'u') {
      value.appendCodePoint(readCode(start, offset, 4, 16, Character.MAX_CODE_POINT));
    } else if (c == 'U') {
      value.appendCodePoint(readCode(start, offset, 8, 16, Character.MAX_CODE_POINT));
    } else if (c >= '0' && c <= '7') {
      value.appendCodePoint(readCode(start, offset - 1, 3, 8, 0x7f));
    } else {
      throw error(start, "unknown escape sequence '\\" + c + "'");
    }
  }

  private int readCode(int start, int from, int digits, int base, int most) {
    int end = Math.min(from + digits, text.length());
    long code = 0;
    for (int i = from; i < end; i++) {
      int digit = Character.digit(text.charAt(i), base);
      code = digit < 0 ? Integer.MAX_VALUE : Math.min(code * base + digit, Integer.MAX_VALUE);
    }
    boolean surrogate = code >= 0xd800 && code < 0xe000;
    if (end - from < digits || code > most || surrogate) {
      throw error(start, "invalid escape sequence '" + text.substring(start, end) + "'");
    }
    offset = end;
    return (int) code;
  }

  private ExpressionException error(int at, String message) {
    return ExpressionException.at(text, at, message);
  }
}
