package dev.agentops.examples.llm;

import java.util.List;
import java.util.regex.Pattern;

/** The single requests that a message is made of, and what kind of request each is. */
final class Clauses {
  private static final String STARTERS =
      "what|who|whom|whose|when|where|why|which|how|is|are|was|does|do|did|can|could|tell|explain|"
          + "describe|find|search|look|show|give|list|calculate|compute|evaluate|add|subtract|"
          + "multiply|divide|please|also|then";

  private static final Pattern BOUNDARY =
      Pattern.compile(
          "(?<=[.?!;])\\s+|\\R+|\\s*,?\\s+(?:and|then)\\s+(?:also\\s+|then\\s+)?(?=(?:"
              + STARTERS
              + ")(?:'s)?\\b)|\\s*[,;]\\s+(?=(?:"
              + STARTERS
              + ")(?:'s)?\\b)",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern POLITENESS =
      Pattern.compile(
          "^(?:(?:hi|hello|hey)[,!.]?\\s+(?=\\w+\\s)|please\\s+|(?:also|then),?\\s+|and\\s+"
              + "|(?:can|could|would|will)\\s+you\\s+(?:please\\s+)?"
              + "|i(?:'d| would) like to know\\s+)+",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern KNOWLEDGE =
      Pattern.compile(
          "^(?:what|who|whom|whose|when|where|why|which|how|is|are|was|were|does|do|did|can|could"
              + "|should|must|may|tell me|explain|describe|find|search|look up|look for)\\b.*"
              + "|.*\\?$",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern ABOUT_US =
      Pattern.compile(
          "\\b(?:(?:my|your) name|who (?:am i|are you)|what are you|how are you|you"
              + " remember|(?:what )?can you do|(?:did|have) (?:i|we)"
              + " (?:say|said|ask|asked|tell|told|talk|talked|discuss)|summari[sz]e)\\b",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern CLOCK =
      Pattern.compile(
          "\\bwhat(?:'s|s| is| are)? (?:the )?(?:(?:current|local|exact|present) )?"
              + "(?:(?:date|day) and )?(?:time|date)\\b"
              + "(?! (?:of|limit|complexity|zone|period|frame|range|for|to)\\b)"
              + "|\\b(?:what|which) (?:time|day|date|year|month|weekday)"
              + "(?: of the week)? (?:is (?:it|today)|do we have)\\b"
              + "|\\bwhat(?:'s|s| is) today\\b"
              + "|\\b(?:current|local) (?:time|date|day)\\b|\\btoday'?s date\\b|\\bdate today\\b"
              + "|\\btime is it\\b|\\btime (?:right )?now\\b"
              + "|\\b(?:tell|give|show) me the (?:current )?(?:time|date)\\b"
              + "|^(?:the )?(?:time|date)(?: and (?:time|date))? (?:in|at|for) ",
          Pattern.CASE_INSENSITIVE);

  private Clauses() {}

  static List<String> split(String message) {
    return BOUNDARY
        .splitAsStream(message.strip())
        .map(clause -> POLITENESS.matcher(clause.strip()).replaceFirst(""))
        .filter(clause -> !clause.isEmpty())
        .toList();
  }

  static boolean asksForTime(String clause) {
    return CLOCK.matcher(clause).find();
  }

  /** Tells whether the clause asks about the dialogue or the model itself, which no tool knows. */
  static boolean asksAboutUs(String clause) {
    return ABOUT_US.matcher(clause).find();
  }

  static boolean asksForKnowledge(String clause) {
    return KNOWLEDGE.matcher(clause.strip()).matches() && !Text.stems(clause).isEmpty();
  }
}
