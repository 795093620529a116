package dev.agentops.alerts.promql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions as Prometheus has them: the syntax of RE2, for the whole of a value. What
 * Java reads otherwise is refused, so that no rule means one thing here and another there.
 */
final class Regex {

  private static final String ESCAPES = "AbBdDsSwWzaftnrxpPQE";
  private static final Pattern GROUP = Pattern.compile("\\(\\?(?:P<\\w+>|[ims]*(?:-[ims]+)?[:)])");

  /** Escapes before it are taken two by two, so that one of its own does not make two. */
  private static final Pattern LONE_BRACE =
      Pattern.compile("(\\G(?:[^\\\\{]|\\\\[^pPQ]|\\\\[pP]\\{?|\\{\\d+(?:,\\d*)?\\})*+)\\{");

  private static final Pattern COUNT = Pattern.compile("\\{\\d+(?:,\\d*)?\\}");
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\$|\\{([A-Za-z0-9_]+)\\}|([A-Za-z0-9_]+))");

  private Regex() {}

  /**
   * The pattern, to be used with {@link Matcher#matches}.
   *
   * @throws IllegalArgumentException if it is none, or none for both
   */
  static Pattern compile(String regex) {
    int place = unportable(regex);
    if (place >= 0) {
      throw new IllegalArgumentException(
          "'" + regex.substring(place) + "' is not supported in the regular expression " + regex);
    }
    try {
      return Pattern.compile(toJava(regex), Pattern.UNIX_LINES);
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw new IllegalArgumentException("not a regular expression: '" + regex + "'", e);
    }
  }

  /** Groups have names in another way, and a brace that counts nothing is only a brace. */
  private static String toJava(String regex) {
    return LONE_BRACE.matcher(regex.replace("(?P<", "(?<")).replaceAll("$1\\\\{");
  }

  /**
   * Whether the whole of a value matches.
   *
   * @throws ExpressionException if the value is too long for the recursion of Java
   */
  static boolean matches(Matcher matcher) {
    try {
      return matcher.matches();
    } catch (StackOverflowError e) {
      throw new ExpressionException(
          "the regular expression " + matcher.pattern() + " recurses too deep for a value");
    }
  }

  /** Puts the groups of a match into a template: $1, ${1}, $name, ${name}, $$. */
  static String expand(String template, Matcher match) {
    StringBuilder text = new StringBuilder();
    Matcher variable = VARIABLE.matcher(template);
    int end = 0;
    while (variable.find()) {
      text.append(template, end, variable.start());
      end = variable.end();
      if (variable.group().equals("$$")) {
        text.append('$');
      } else {
        String value = group(match, variable.group(variable.group(1) != null ? 1 : 2));
        text.append(value == null ? "" : value);
      }
    }
    return text.append(template, end, template.length()).toString();
  }

  private static @Nullable String group(Matcher match, String group) {
    if (group.length() < 9 && group.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int number = Integer.parseInt(group);
      return number <= match.groupCount() ? match.group(number) : null;
    }
    try {
      return match.group(group);
    } catch (IllegalArgumentException noSuchGroup) {
      return null;
    }
  }

  /** Where the first thing is that RE2 does not have or Java reads otherwise; -1 for nowhere. */
  private static int unportable(String regex) {
    boolean inClass = false;
    Matcher count = COUNT.matcher(regex);
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      char next = i + 1 < regex.length() ? regex.charAt(i + 1) : ' ';
      if (c == '\\') {
        if (Character.isLetterOrDigit(next) && ESCAPES.indexOf(next) < 0) {
          return i;
        }
        i = Math.max(i + 1, next == 'Q' ? regex.indexOf("\\E", i) : -1);
        boolean property = (next == 'p' || next == 'P') && regex.startsWith("{", i + 1);
        i = property ? Math.max(i, regex.indexOf('}', i)) : i;
      } else if (inClass) {
        if (c == '[' || (c == '&' && next == '&')) {
          return i;
        }
        inClass = c != ']';
      } else if (c == '[') {
        inClass = true;
      } else if (c == '(' && next == '?') {
        if (!GROUP.matcher(regex).region(i, regex.length()).lookingAt()) {
          return i;
        }
      } else {
        boolean counts = c == '{' && count.region(i, regex.length()).lookingAt();
        int end = counts ? count.end() : i + 1;
        if ((counts || "*+?".indexOf(c) >= 0) && regex.startsWith("+", end)) {
          return i;
        }
        i = end - 1;
      }
    }
    return -1;
  }
}
