package dev.agentops.cache.wording;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Weighs the differences between two questions. */
final class Comparison {

  private static final Set<String> THIRD =
      Set.of(
          "he", "him", "his", "himself", "she", "her", "hers", "herself", "their", "theirs", "他",
          "他的", "她", "她的", "他们", "他们的", "她们");

  /** Questions with more words in common differ in those that they have not in common. */
  private static final double ALIKE = 0.5;

  /** Words of content in common without which one word more, or another one, is another topic. */
  private static final int FEWEST = 2;

  private static final Set<String> WHOLE =
      Set.of(
          "all",
          "every",
          "each",
          "whole",
          "full",
          "entire",
          "everything",
          "everyone",
          "整",
          "整个",
          "全",
          "全部",
          "所有",
          "每个");

  private final Reading one;
  private final Reading other;
  private final Lexicon lexicon;
  private final Alignment alignment;
  private final List<Term> left;
  private final List<Term> right;

  Comparison(Reading one, Reading other, Lexicon lexicon) {
    this.one = one;
    this.other = other;
    this.lexicon = lexicon;
    this.alignment = Alignment.of(one, other, lexicon);
    this.left = alignment.left();
    this.right = alignment.right();
  }

  /**
   * Weighs them.
   *
   * @param thresholds what the cosine of a question in other words must reach
   */
  Verdict verdict(double cosine, Thresholds thresholds) {
    Verdict hard = hardDifference();
    if (!hard.agrees()) {
      return hard;
    }
    List<Term> contentLeft = content(left);
    List<Term> contentRight = content(right);
    if (contentLeft.isEmpty() && contentRight.isEmpty()) {
      Verdict verdict = smallDifference();
      double enough = alignment.told() > 0 ? Thresholds.TOLD : Thresholds.SAME_WORDS;
      return !verdict.agrees() || cosine >= enough
          ? verdict
          : Verdict.differs(Difference.MEANING, "cosine " + cosine);
    }
    return reworded(contentLeft, contentRight, cosine, thresholds);
  }

  /** What no rewording may change. */
  private Verdict hardDifference() {
    Verdict fact = HardFacts.difference(one, other);
    if (!fact.agrees()) {
      return fact;
    }
    int negations =
        one.of(Term.Kind.NEGATION).size()
            + other.of(Term.Kind.NEGATION).size()
            + alignment.negated();
    if (negations % 2 != 0) {
      return differs(Difference.NEGATION, one.of(Term.Kind.NEGATION), other.of(Term.Kind.NEGATION));
    }
    if (hasName(left) || hasName(right)) {
      return differs(Difference.NAME, left, right);
    }
    for (Term a : left) {
      for (Term b : right) {
        if (lexicon.opposite(a.text(), b.text())) {
          return differs(Difference.OPPOSITE, List.of(a), List.of(b));
        }
      }
    }
    List<Term> personsLeft = without(one.of(Term.Kind.PERSON), other.of(Term.Kind.PERSON));
    List<Term> personsRight = without(other.of(Term.Kind.PERSON), one.of(Term.Kind.PERSON));
    boolean others =
        (isThird(personsLeft) && !names(one) && one.story().isEmpty())
            || (isThird(personsRight) && !names(other) && other.story().isEmpty());
    if ((!personsLeft.isEmpty() && !personsRight.isEmpty()) || others) {
      return differs(Difference.PERSON, personsLeft, personsRight);
    }
    return Verdict.AGREES;
  }

  /** What must agree when all words of content do. */
  private Verdict smallDifference() {
    List<Term> quantities = of(Term.Kind.QUANTITY, left);
    List<Term> quantitiesRight = of(Term.Kind.QUANTITY, right);
    if (!onlyAll(quantities, quantitiesRight)) {
      return differs(Difference.QUANTITY, quantities, quantitiesRight);
    }
    if (isException(of(Term.Kind.CONDITION, left)) || isException(of(Term.Kind.CONDITION, right))) {
      return differs(
          Difference.CONDITION, of(Term.Kind.CONDITION, left), of(Term.Kind.CONDITION, right));
    }
    List<Term> modals = of(Term.Kind.MODALITY, left);
    List<Term> modalsRight = of(Term.Kind.MODALITY, right);
    boolean alike = alignment.matched() < 3 || Overlap.of(one.words(), other.words()) > 0.5;
    boolean duty = alike && (isDuty(modals) || isDuty(modalsRight));
    if ((!modals.isEmpty() && !modalsRight.isEmpty()) || duty) {
      return differs(Difference.MODALITY, modals, modalsRight);
    }
    Set<String> tenses = concepts(one, Term.Kind.TENSE);
    Set<String> tensesOther = concepts(other, Term.Kind.TENSE);
    boolean bothTimes = !tenses.isEmpty() && !tensesOther.isEmpty();
    boolean pastOrMaybe =
        (tenses.contains("past") && !modalsRight.isEmpty() && tensesOther.isEmpty())
            || (tensesOther.contains("past") && !modals.isEmpty() && tenses.isEmpty());
    boolean past = tenses.contains("past") != tensesOther.contains("past");
    if (pastOrMaybe
        || (bothTimes && (past || alike) && tenses.stream().noneMatch(tensesOther::contains))) {
      return differs(Difference.TIME, one.of(Term.Kind.TENSE), other.of(Term.Kind.TENSE));
    }
    if (aspectsConflict() || (alike && aspectDiffers())) {
      return differs(Difference.ASPECT, of(Term.Kind.ASPECT, left), of(Term.Kind.ASPECT, right));
    }
    if (alike && !of(Term.Kind.WEAK, left).isEmpty() && !of(Term.Kind.WEAK, right).isEmpty()) {
      return differs(Difference.CONTENT, of(Term.Kind.WEAK, left), of(Term.Kind.WEAK, right));
    }
    String particles = Particles.difference(one, other);
    if (alike && !particles.isEmpty()) {
      return Verdict.differs(Difference.OPPOSITE, particles);
    }
    String turned = RoleOrder.turned(one, other, alignment);
    return turned == null ? Verdict.AGREES : Verdict.differs(Difference.DIRECTION, turned);
  }

  /**
   * What decides where words of content are left over. One word put for another leaves the rest as
   * it was, and means something else however near the vectors are; who says it all in other words
   * keeps little of the order.
   */
  private Verdict reworded(
      List<Term> contentLeft, List<Term> contentRight, double cosine, Thresholds thresholds) {
    int fewer = Math.min(contentLeft.size(), contentRight.size());
    int more = Math.max(contentLeft.size(), contentRight.size());
    double alike = Overlap.of(one.words(), other.words());
    boolean reworded = thresholds.trustsRewording() && fewer > 0 && more > 1;
    if (alike >= ALIKE || (!reworded && alignment.matched() < FEWEST)) {
      return differs(Difference.CONTENT, contentLeft, contentRight);
    }
    if (cosine < thresholds.needed(alike, reworded ? fewer : 0)) {
      return differs(Difference.MEANING, contentLeft, contentRight);
    }
    if (aspectsConflict()) {
      return differs(Difference.ASPECT, of(Term.Kind.ASPECT, left), of(Term.Kind.ASPECT, right));
    }
    List<Term> quantities = of(Term.Kind.QUANTITY, left);
    List<Term> quantitiesRight = of(Term.Kind.QUANTITY, right);
    boolean both = !quantities.isEmpty() && !quantitiesRight.isEmpty();
    boolean whole = more <= FEWEST && (hasWhole(quantities) || hasWhole(quantitiesRight));
    return both || whole
        ? differs(Difference.QUANTITY, quantities, quantitiesRight)
        : Verdict.AGREES;
  }

  private static boolean hasWhole(List<Term> quantities) {
    return quantities.stream().anyMatch(term -> WHOLE.contains(term.text()));
  }

  private boolean aspectsConflict() {
    return !of(Term.Kind.ASPECT, left).isEmpty() && !of(Term.Kind.ASPECT, right).isEmpty();
  }

  private boolean aspectDiffers() {
    List<Term> a = of(Term.Kind.ASPECT, left);
    List<Term> b = of(Term.Kind.ASPECT, right);
    return (!a.isEmpty() && (!b.isEmpty() || asksOtherwise(other)))
        || (!b.isEmpty() && asksOtherwise(one));
  }

  private static boolean asksOtherwise(Reading reading) {
    return reading.asksYesOrNo() || reading.asksWhat() || !reading.of(Term.Kind.ASPECT).isEmpty();
  }

  private static boolean isThird(List<Term> persons) {
    return persons.stream().anyMatch(term -> THIRD.contains(term.text()));
  }

  /** All of them is what a list of them is anyway. */
  private boolean onlyAll(List<Term> quantities, List<Term> others) {
    return (quantities.isEmpty()
            || isAll(quantities) && others.isEmpty() && lists(one) && lists(other))
        && (others.isEmpty()
            || isAll(others) && quantities.isEmpty() && lists(one) && lists(other));
  }

  private static boolean isAll(List<Term> quantities) {
    return quantities.stream().allMatch(term -> term.text().matches("all|every|any"));
  }

  private static boolean lists(Reading reading) {
    return reading.words().stream().anyMatch(word -> word.matches("which|what|list|show|display"));
  }

  private static boolean isException(List<Term> conditions) {
    return conditions.stream().anyMatch(term -> !term.text().matches("if|when|while"));
  }

  private boolean isDuty(List<Term> modals) {
    boolean how = one.of(Term.Kind.ASPECT).size() + other.of(Term.Kind.ASPECT).size() > 0;
    return modals.stream()
        .anyMatch(
            term ->
                !term.text().matches("can|could|may|able to|allowed|allowed to|should")
                    || (term.text().equals("should") && !how));
  }

  private static boolean names(Reading reading) {
    return reading.terms().stream().anyMatch(Term::name);
  }

  private static boolean hasName(List<Term> terms) {
    return terms.stream().anyMatch(Term::name);
  }

  private static List<Term> content(List<Term> terms) {
    return terms.stream()
        .filter(term -> term.kind() == Term.Kind.CONTENT && !term.light())
        .toList();
  }

  private static List<Term> of(Term.Kind kind, List<Term> terms) {
    return terms.stream().filter(term -> term.kind() == kind).toList();
  }

  private static List<Term> without(List<Term> terms, List<Term> others) {
    return terms.stream().filter(term -> others.stream().noneMatch(term::means)).toList();
  }

  private static Set<String> concepts(Reading reading, Term.Kind kind) {
    Set<String> concepts = new HashSet<>();
    reading.of(kind).forEach(term -> concepts.addAll(term.concepts()));
    return concepts;
  }

  private static Verdict differs(Difference difference, List<Term> left, List<Term> right) {
    return Verdict.differs(difference, Term.texts(left) + " | " + Term.texts(right));
  }
}
