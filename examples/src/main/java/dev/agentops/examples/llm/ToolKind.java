package dev.agentops.examples.llm;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a tool is for, judged as a model judges it: by its name, description and parameters. */
enum ToolKind {
  CALCULATOR,
  CLOCK,
  SEARCH,
  OTHER;

  private static final Set<String> CALCULATOR_WORDS =
      Set.of(
          "calculator",
          "calculate",
          "calc",
          "compute",
          "math",
          "maths",
          "arithmetic",
          "eval",
          "evaluate");
  private static final Set<String> CLOCK_WORDS =
      Set.of("time", "date", "datetime", "clock", "now", "today");
  private static final Set<String> SEARCH_WORDS =
      Set.of(
          "search",
          "retrieve",
          "docs",
          "documents",
          "documentation",
          "knowledge",
          "handbook",
          "wiki",
          "faq",
          "kb",
          "manual");

  /** The words for what a parameter takes; "arg0" is what it is called without its real name. */
  private static final Set<String> EXPRESSION_WORDS =
      Set.of(
          "expression",
          "expr",
          "formula",
          "equation",
          "calculation",
          "arithmetic",
          "math",
          "input",
          "query",
          "problem",
          "arg0");

  private static final Set<String> QUERY_WORDS =
      Set.of("query", "question", "q", "text", "keywords", "terms", "search", "phrase", "arg0");

  private static final Pattern CALCULATOR_TEXT =
      Pattern.compile("(?i)\\barithmetic\\b|\\bmath|\\bcalculat|\\bevaluates? an? expression\\b");
  private static final Pattern CLOCK_TEXT =
      Pattern.compile("(?i)\\bcurrent (?:local )?(?:date|time)\\b|\\b(?:date|time) now\\b");
  private static final Pattern SEARCH_TEXT =
      Pattern.compile(
          "(?i)\\bsearch(?:es)?\\b|\\bknowledge base\\b|\\bdocument(?:s|ation)?\\b|\\bhandbook\\b");

  static ToolKind of(Wire.Function tool) {
    Set<String> name = Text.identifierWords(tool.name());
    String description = tool.description() == null ? "" : tool.description();
    List<Param> params = Param.of(tool);
    if (takes(params, EXPRESSION_WORDS)
        && says(name, CALCULATOR_WORDS, description, CALCULATOR_TEXT)) {
      return CALCULATOR;
    }
    if (says(name, CLOCK_WORDS, description, CLOCK_TEXT)
        && params.stream().allMatch(p -> p.isPlace() || !p.required())) {
      return CLOCK;
    }
    if (takes(params, QUERY_WORDS) && says(name, SEARCH_WORDS, description, SEARCH_TEXT)) {
      return SEARCH;
    }
    return OTHER;
  }

  /** Returns the parameter that takes the expression or the query. */
  Param textParameter(Wire.Function tool) {
    Set<String> words = this == CALCULATOR ? EXPRESSION_WORDS : QUERY_WORDS;
    return Param.of(tool).stream()
        .filter(param -> param.isText() && param.mentions(words))
        .findFirst()
        .orElseThrow();
  }

  /** Tells whether one text parameter speaks of such words, and nothing else is required. */
  private static boolean takes(List<Param> params, Set<String> words) {
    return params.stream().anyMatch(p -> p.isText() && p.mentions(words))
        && params.stream().filter(p -> p.required() && !p.mentions(words)).findAny().isEmpty();
  }

  private static boolean says(
      Set<String> name, Set<String> words, String description, Pattern text) {
    return name.stream().anyMatch(words::contains) || text.matcher(description).find();
  }
}
