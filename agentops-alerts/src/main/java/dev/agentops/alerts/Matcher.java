package dev.agentops.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one label, with the meaning and the syntax of Alertmanager's matchers. Immutable
 * and thread-safe.
 *
 * <p>A label that an alert does not have counts as the empty text. Regular expressions must match
 * the whole value; they are those of {@link Pattern}, which understands nearly all that
 * Alertmanager's do, and more.
 */
public final class Matcher implements Comparable<Matcher> {

  /** How the value of the label is compared, in the order by which Alertmanager sorts. */
  public enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    REGEX("=~"),
    NOT_REGEX("!~");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    /** As it is written: {@code =~}. */
    public String symbol() {
      return symbol;
    }
  }

  private final String label;
  private final Operator operator;
  private final String value;
  private final @Nullable Pattern pattern;

  private Matcher(String label, Operator operator, String value) {
    this.label = label;
    this.operator = operator;
    this.value = value;
    boolean regex = operator == Operator.REGEX || operator == Operator.NOT_REGEX;
    this.pattern = regex ? compile(value) : null;
  }

  /**
   * A matcher of its parts.
   *
   * @throws IllegalArgumentException if the label has a name that Prometheus refuses or the regular
   *     expression is none
   */
  public static Matcher of(String label, Operator operator, String value) {
    Alert.requireName("a label name", label);
    return new Matcher(
        label,
        Objects.requireNonNull(operator, "operator"),
        Objects.requireNonNull(value, "value"));
  }

  /** Matches alerts whose label has this value. */
  public static Matcher equal(String label, String value) {
    return of(label, Operator.EQUAL, value);
  }

  /** Matches alerts whose label matches this regular expression as a whole. */
  public static Matcher regex(String label, String regex) {
    return of(label, Operator.REGEX, regex);
  }

  /**
   * Reads one matcher: {@code severity="critical"}, {@code team=~"a|b"}, {@code env!=dev}.
   *
   * @throws IllegalArgumentException if it is none; quotes it
   */
  public static Matcher parse(String text) {
    return MatcherParser.one(text);
  }

  /**
   * Reads matchers between commas, with or without braces: {@code {a="1", b=~"2|3"}}.
   *
   * @throws IllegalArgumentException if one of them is none; quotes it
   */
  public static List<Matcher> parseAll(String text) {
    return MatcherParser.all(text);
  }

  public String label() {
    return label;
  }

  public Operator operator() {
    return operator;
  }

  /** The text or regular expression to compare with. */
  public String value() {
    return value;
  }

  /** Whether an alert with these labels is meant. */
  public boolean matches(Map<String, String> labels) {
    return matchesValue(labels.getOrDefault(label, ""));
  }

  /** Whether alerts with these labels are meant by all of the matchers. */
  static boolean allMatch(List<Matcher> matchers, Map<String, String> labels) {
    for (Matcher matcher : matchers) {
      if (!matcher.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  /** Matchers as Alertmanager writes them in a group key: sorted, in braces. */
  static String text(List<Matcher> matchers) {
    List<String> texts = new ArrayList<>();
    matchers.stream().sorted().forEach(matcher -> texts.add(matcher.toString()));
    return "{" + String.join(",", texts) + "}";
  }

  private boolean matchesValue(String actual) {
    return switch (operator) {
      case EQUAL -> actual.equals(value);
      case NOT_EQUAL -> !actual.equals(value);
      case REGEX -> pattern().matcher(actual).matches();
      case NOT_REGEX -> !pattern().matcher(actual).matches();
    };
  }

  private Pattern pattern() {
    return Objects.requireNonNull(pattern);
  }

  private static Pattern compile(String regex) {
    try {
      return Pattern.compile(regex, Pattern.UNIX_LINES);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "not a regular expression: '" + regex + "': " + e.getDescription(), e);
    }
  }

  /** By label, value and operator, as Alertmanager. */
  @Override
  public int compareTo(Matcher other) {
    int byLabel = label.compareTo(other.label);
    int byValue = byLabel != 0 ? byLabel : value.compareTo(other.value);
    return byValue != 0 ? byValue : operator.compareTo(other.operator);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Matcher matcher && compareTo(matcher) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(label, operator, value);
  }

  /** As Alertmanager writes it, which {@link #parse} reads: {@code severity="critical"}. */
  @Override
  public String toString() {
    return label
        + operator.symbol
        + '"'
        + value.replace("\\", "\\\\").replace("\n", "\\n").replace("\"", "\\\"")
        + '"';
  }
}
