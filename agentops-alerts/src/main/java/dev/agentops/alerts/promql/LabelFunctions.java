package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The functions that change labels, as in promql/functions.go of Prometheus 2.42. */
final class LabelFunctions {

  private LabelFunctions() {}

  static List<Sample> replace(Evaluation evaluation, List<Node> arguments) {
    String target = labelName(arguments.get(1));
    String replacement = string(arguments.get(2));
    String source = string(arguments.get(3));
    Pattern pattern = pattern(string(arguments.get(4)));
    List<Sample> result = new ArrayList<>();
    for (Sample sample : arguments.get(0).vector(evaluation)) {
      java.util.regex.Matcher match = pattern.matcher(sample.labels().value(source));
      result.add(
          Regex.matches(match) ? with(sample, target, Regex.expand(replacement, match)) : sample);
    }
    return result;
  }

  static List<Sample> join(Evaluation evaluation, List<Node> arguments) {
    String target = labelName(arguments.get(1));
    String separator = string(arguments.get(2));
    List<String> sources = new ArrayList<>();
    for (Node argument : arguments.subList(3, arguments.size())) {
      sources.add(labelName(argument));
    }
    List<Sample> result = new ArrayList<>();
    for (Sample sample : arguments.get(0).vector(evaluation)) {
      List<String> values = sources.stream().map(sample.labels()::value).toList();
      result.add(with(sample, target, String.join(separator, values)));
    }
    return result;
  }

  /** The labels that what is absent would have had, as far as the selector tells. */
  static Labels ofAbsent(Node node) {
    List<Matcher> matchers = List.of();
    if (node instanceof SelectorNode selector) {
      matchers = selector.matchers();
    } else if (node instanceof WindowNode window) {
      matchers = window.selector().matchers();
    }
    Labels labels = Labels.empty();
    Set<String> set = new HashSet<>();
    for (Matcher matcher : matchers) {
      if (!matcher.name().equals(Labels.NAME)) {
        boolean first = matcher.isEqual() && set.add(matcher.name());
        labels = labels.with(matcher.name(), first ? matcher.value() : "");
      }
    }
    return labels;
  }

  private static Sample with(Sample sample, String label, String value) {
    try {
      return new Sample(sample.labels().with(label, value), sample.value());
    } catch (IllegalArgumentException e) {
      throw new ExpressionException(e.getMessage() + " in the result of a function");
    }
  }

  private static Pattern pattern(String regex) {
    try {
      return Regex.compile(regex);
    } catch (IllegalArgumentException e) {
      throw new ExpressionException("label_replace(): " + e.getMessage());
    }
  }

  private static String labelName(Node argument) {
    String name = string(argument);
    if (!Labels.isLabelName(name)) {
      throw new ExpressionException("not the name of a label: '" + name + "'");
    }
    return name;
  }

  private static String string(Node argument) {
    return ((StringNode) argument.inner()).value();
  }
}
