package dev.agentops.alerts.promql;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a selector asks of the value of one label. A label that is not there has an empty value. */
final class Matcher {

  private final String name;
  private final String operator;
  private final String value;
  private final @Nullable Pattern pattern;

  /**
   * A matcher.
   *
   * @param operator one of = != =~ !~
   * @throws IllegalArgumentException if it is not a regular expression that Prometheus takes
   */
  Matcher(String name, String operator, String value) {
    this.name = name;
    this.operator = operator;
    this.value = value;
    this.pattern = operator.endsWith("~") ? Regex.compile(value) : null;
  }

  String name() {
    return name;
  }

  String value() {
    return value;
  }

  boolean isEqual() {
    return operator.equals("=");
  }

  boolean matches(Labels labels) {
    return matches(labels.value(name));
  }

  boolean matches(String candidate) {
    boolean same =
        pattern == null ? value.equals(candidate) : Regex.matches(pattern.matcher(candidate));
    return same == (operator.charAt(0) == '=');
  }

  @Override
  public String toString() {
    return name + operator + Strings.quote(value);
  }
}
