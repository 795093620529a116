package dev.agentops.examples.llm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The arithmetic in a sentence: finds expressions and turns questions in words into them. */
final class Arithmetic {
  private static final String N = "(-?\\d+(?:\\.\\d+)?)";
  private static final String LIST =
      "(\\d[\\d.]*(?:(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+)\\d[\\d.]*)+)";
  private static final List<String> DIGITS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve");

  /** The phrases that become symbols, applied in this order. */
  private static final Map<Pattern, String> RULES = rules();

  private static final Pattern SUM = phrase("(?:add(?: up)?|(?:sum|total) of) " + LIST);
  private static final Pattern PRODUCT = phrase("(?:multiply|product of) " + LIST);
  private static final Pattern SEPARATOR = Pattern.compile("\\s*,\\s*(?:and\\s+)?|\\s+and\\s+");

  private static final Pattern EXPRESSION =
      Pattern.compile(
          "(?:(?:sqrt)?\\(\\s*)*(?:(?<![\\w.])-)?\\d+(?:\\.\\d+)?"
              + "(?:[\\s)]*[-+*/^%]\\s*(?:(?:sqrt)?\\(\\s*)*-?\\d+(?:\\.\\d+)?)*[\\s)]*");
  private static final Pattern OPERATOR = Pattern.compile("[\\d)]\\s*[-+*/^%]\\s*[-(\\ds]|sqrt");

  /** A range, date or phone number looks like this, so it must be asked for. */
  private static final Pattern TIGHT = Pattern.compile("\\d+(?:[-/]\\d+)+");

  private static final Pattern ASKED =
      Pattern.compile(
          "\\b(?:what(?:'s| is| are)|how much|calculate|compute|evaluate|solve|work out)\\b|=",
          Pattern.CASE_INSENSITIVE);

  private static final String THAT = "(?:that|it|the (?:result|answer))";
  private static final Pattern BACK_REFERENCE =
      phrase(
          THAT
              + "(?= (?:times|plus|minus|divided|multiplied|by|and)\\b)"
              + "|(?<=\\b(?:to|from|by|of|plus|minus|times|add) )"
              + THAT);
  private static final Pattern NUMBER = Pattern.compile(N);

  private Arithmetic() {}

  /**
   * Returns the expressions in a clause.
   *
   * @param lastAnswer the answer before, whose last number "that" and "it" stand for
   */
  static List<String> expressions(String clause, String lastAnswer) {
    String text = clause;
    List<MatchResult> numbers =
        NUMBER.matcher(lastAnswer.replaceAll("(?<=\\d),(?=\\d{3})", "")).results().toList();
    if (!numbers.isEmpty()) {
      String last = numbers.get(numbers.size() - 1).group();
      text = BACK_REFERENCE.matcher(text).replaceAll(last);
    }
    for (Map.Entry<Pattern, String> rule : RULES.entrySet()) {
      text = rule.getKey().matcher(text).replaceAll(rule.getValue());
    }
    text = SUM.matcher(text).replaceAll(m -> SEPARATOR.matcher(m.group(1)).replaceAll(" + "));
    text = PRODUCT.matcher(text).replaceAll(m -> SEPARATOR.matcher(m.group(1)).replaceAll(" * "));
    boolean asked =
        ASKED.matcher(clause).find()
            || TIGHT.matcher(clause.replaceAll("[?.!\\s]+$", "")).matches();
    return EXPRESSION
        .matcher(text)
        .results()
        .map(match -> balanced(match.group().strip().replaceAll("\\s+", " ")))
        .filter(e -> OPERATOR.matcher(e).find() && (asked || !TIGHT.matcher(e).matches()))
        .distinct()
        .toList();
  }

  /** Drops the parentheses of the sentence that have no partner in the expression. */
  private static String balanced(String expression) {
    String result = expression;
    while (count(result, ')') > count(result, '(') && result.endsWith(")")) {
      result = result.substring(0, result.length() - 1).strip();
    }
    while (count(result, '(') > count(result, ')') && result.startsWith("(")) {
      result = result.substring(1).strip();
    }
    return result;
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }

  private static Map<Pattern, String> rules() {
    Map<Pattern, String> rules = new LinkedHashMap<>();
    rules.put(Pattern.compile("[$€£](?=\\d)"), "");
    rules.put(Pattern.compile("(?<=\\d),(?=\\d{3}(?!\\d))"), "");
    rules.put(Pattern.compile("\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b\\d{1,2}:\\d{2}\\b"), " ");
    rules.put(Pattern.compile("\\b\\d{1,2}/\\d{1,2}/\\d{2,4}\\b"), " ");
    rules.put(Pattern.compile("\\b\\d+(?:\\.\\d+){2,}\\b"), " ");
    for (int i = 0; i < DIGITS.size(); i++) {
      rules.put(phrase(DIGITS.get(i)), Integer.toString(i));
    }
    rules.put(phrase(N + "\\s*(?:%|per ?cent) of " + N), "$2 * $1 / 100");
    rules.put(phrase(N + "\\s*(?:%|per ?cent) off (?:of )?" + N), "$2 * (1 - $1 / 100)");
    rules.put(phrase("increase " + N + " by " + N + "\\s*%"), "$1 * (1 + $2 / 100)");
    rules.put(phrase("(?:decrease|reduce) " + N + " by " + N + "\\s*%"), "$1 * (1 - $2 / 100)");
    rules.put(phrase("half of " + N), "$1 / 2");
    rules.put(phrase("(?:double|twice) " + N), "2 * $1");
    rules.put(phrase("square root of " + N), "sqrt($1)");
    rules.put(phrase(N + " squared"), "$1 ^ 2");
    rules.put(phrase(N + " cubed"), "$1 ^ 3");
    rules.put(phrase("add " + N + " (?:to|with) " + N), "$2 + $1");
    rules.put(phrase("subtract " + N + " from " + N), "$2 - $1");
    rules.put(phrase("difference (?:between|of) " + N + " and " + N), "$1 - $2");
    rules.put(phrase("multiply " + N + " (?:by|with) " + N), "$1 * $2");
    rules.put(phrase("divide " + N + " by " + N), "$1 / $2");
    rules.put(phrase("quotient of " + N + " and " + N), "$1 / $2");
    infix(rules, "plus", "+");
    infix(rules, "minus", "-");
    infix(rules, "times|multiplied by|x|×|·", "*");
    infix(rules, "divided by|over|÷", "/");
    infix(rules, "(?:raised )?to the power of|\\*\\*", "^");
    infix(rules, "mod(?:ulo)?", "%");
    return rules;
  }

  private static void infix(Map<Pattern, String> rules, String words, String symbol) {
    String pattern = "(?<=[\\d)])\\s*(?:" + words + ")\\s*(?=[-\\d(])";
    rules.put(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), " " + symbol + " ");
  }

  /** Compiles a phrase that must stand between word boundaries. */
  private static Pattern phrase(String words) {
    return Pattern.compile("(?<![\\w.])(?:" + words + ")(?![\\w])", Pattern.CASE_INSENSITIVE);
  }
}
