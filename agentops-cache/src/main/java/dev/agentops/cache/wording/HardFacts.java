package dev.agentops.cache.wording;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Compares the numbers and times of two questions, and what the stories before them lay down. */
final class HardFacts {

  private static final String HOUR = "oclock ";
  private static final Set<String> CURRENCIES = Set.of(" cny", " usd", " eur", " gbp", " yen");

  private HardFacts() {}

  /** The fact in which two questions differ. What only a story says is no fact of the question. */
  static Verdict difference(Reading one, Reading other) {
    if (!holds(one, other, Term.Kind.NUMBER) || !holds(other, one, Term.Kind.NUMBER)) {
      return differs(Difference.NUMBER, one.of(Term.Kind.NUMBER), other.of(Term.Kind.NUMBER));
    }
    if (!holds(one, other, Term.Kind.TIME) || !holds(other, one, Term.Kind.TIME)) {
      return differs(Difference.TIME, one.of(Term.Kind.TIME), other.of(Term.Kind.TIME));
    }
    boolean named = isNamed(one, other) || isNamed(other, one);
    if (one.restricted() || other.restricted() || named) {
      return differs(Difference.CONDITION, one.story(), other.story());
    }
    return Verdict.AGREES;
  }

  private static boolean holds(Reading one, Reading other, Term.Kind kind) {
    Set<String> said = concepts(other.terms(), kind);
    said.addAll(concepts(other.story(), kind));
    Set<String> asked = concepts(one.terms(), kind);
    asked.removeIf(fact -> said.stream().anyMatch(o -> isLoose(fact, o) || isLoose(o, fact)));
    return said.containsAll(asked);
  }

  /**
   * Whether a fact may be another that says more: 3 o'clock, which is of either half of the day,
   * the hour of a clock, or a number without a currency an amount of money.
   */
  private static boolean isLoose(String either, String clock) {
    if (!either.startsWith(HOUR)) {
      return CURRENCIES.stream().anyMatch(currency -> clock.equals(either + currency));
    }
    int hour = Integer.parseInt(either.substring(HOUR.length()));
    return clock.equals("clock " + hour + ":00") || clock.equals("clock " + (hour + 12) + ":00");
  }

  /** Whether the story names somebody or something that the other text does not. */
  private static boolean isNamed(Reading one, Reading other) {
    return one.story().stream()
        .filter(Term::name)
        .anyMatch(
            term ->
                other.terms().stream().noneMatch(term::means)
                    && other.story().stream().noneMatch(term::means));
  }

  private static Set<String> concepts(List<Term> terms, Term.Kind kind) {
    Set<String> concepts = new HashSet<>();
    terms.stream().filter(term -> term.kind() == kind).forEach(t -> concepts.addAll(t.concepts()));
    return concepts;
  }

  private static Verdict differs(Difference difference, List<Term> left, List<Term> right) {
    return Verdict.differs(difference, Term.texts(left) + " | " + Term.texts(right));
  }
}
