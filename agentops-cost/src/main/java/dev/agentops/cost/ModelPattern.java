package dev.agentops.cost;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A text that names models, or providers: {@code gpt-4o} itself, {@code gpt-4o*} by its start,
 * {@code *gpt-4o} by its end, {@code *gpt-4o*} by a part, {@code /regex/} by a regular expression
 * that finds something. Upper and lower case are one.
 */
final class ModelPattern {

  private final String pattern;
  private final String text;
  private final boolean exact;
  private final Predicate<String> test;

  private ModelPattern(String pattern, String text, boolean exact, Predicate<String> test) {
    this.pattern = pattern;
    this.text = text;
    this.exact = exact;
    this.test = test;
  }

  /**
   * Parses a pattern.
   *
   * @throws IllegalArgumentException if it is empty or its regular expression is malformed
   */
  static ModelPattern parse(String pattern) {
    int length = pattern.length();
    if (length > 2 && pattern.startsWith("/") && pattern.endsWith("/")) {
      return new ModelPattern(pattern, pattern, false, regex(pattern.substring(1, length - 1)));
    }
    boolean openStart = pattern.startsWith("*");
    boolean openEnd = length > 1 && pattern.endsWith("*");
    String core = normalise(pattern.substring(openStart ? 1 : 0, openEnd ? length - 1 : length));
    if (core.isEmpty()) {
      throw new IllegalArgumentException("a pattern that names every model: '" + pattern + "'");
    }
    if (openStart) {
      return new ModelPattern(
          pattern,
          core,
          false,
          openEnd ? name -> name.contains(core) : name -> name.endsWith(core));
    }
    return new ModelPattern(
        pattern, core, !openEnd, openEnd ? name -> name.startsWith(core) : core::equals);
  }

  static String normalise(String name) {
    return name.trim().toLowerCase(Locale.ROOT);
  }

  /** Whether this names a single text, {@link #text()}. */
  boolean exact() {
    return exact;
  }

  String text() {
    return text;
  }

  /** Whether a {@linkplain #normalise normalised} name is meant. */
  boolean matches(String name) {
    return test.test(name);
  }

  /** The pattern as it was written, in quotation marks. */
  @Override
  public String toString() {
    return "'" + pattern + "'";
  }

  private static Predicate<String> regex(String regex) {
    try {
      return Pattern.compile(regex, Pattern.CASE_INSENSITIVE).asPredicate();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("not a regular expression: '" + regex + "'", e);
    }
  }
}
