package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Which terms of one question have a counterpart in another, and which are left over. */
final class Alignment {

  private static final Set<Term.Kind> KINDS =
      EnumSet.of(
          Term.Kind.CONTENT,
          Term.Kind.WEAK,
          Term.Kind.ASPECT,
          Term.Kind.QUANTITY,
          Term.Kind.MODALITY,
          Term.Kind.CONDITION);
  private static final Set<String> ORIGINS = Set.of("n", "an", "ian", "ese", "ish", "i", "o");

  private final Reading one;
  private final Reading other;
  private final List<Term> ones;
  private final List<Term> others;
  private final int[] partner;
  private final boolean[] used;
  private int negated;

  private Alignment(Reading one, Reading other) {
    this.one = one;
    this.other = other;
    this.ones = alignable(one);
    this.others = alignable(other);
    this.partner = new int[ones.size()];
    this.used = new boolean[others.size()];
    Arrays.fill(partner, -1);
  }

  static Alignment of(Reading one, Reading other, Lexicon lexicon) {
    Alignment alignment = new Alignment(one, other);
    alignment.pair((a, b) -> a.kind() == b.kind() && a.text().equals(b.text()));
    alignment.pair(
        (a, b) -> a.kind() == b.kind() && a.means(b) && !lexicon.opposite(a.text(), b.text()));
    alignment.pair((a, b) -> a.means(b) && !lexicon.opposite(a.text(), b.text()));
    alignment.pair(Alignment::sameOrigin);
    alignment.pair((a, b) -> alignment.isNegated(a, b) || alignment.isNegated(b, a));
    alignment.pairInitials(true);
    alignment.pairInitials(false);
    return alignment;
  }

  /** Terms of the first question without a counterpart. */
  List<Term> left() {
    List<Term> left = new ArrayList<>();
    for (int i = 0; i < ones.size(); i++) {
      boolean open = partner[i] < 0 && !told(ones.get(i), other);
      if (open && !isRepeated(ones.get(i), ones, k -> partner[k] >= 0)) {
        left.add(ones.get(i));
      }
    }
    return left;
  }

  /** Terms of the second question without a counterpart. */
  List<Term> right() {
    List<Term> left = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      boolean open = !used[i] && !told(others.get(i), one);
      if (open && !isRepeated(others.get(i), others, k -> used[k])) {
        left.add(others.get(i));
      }
    }
    return left;
  }

  /** The counterpart of a term of the first question; null when it has none. */
  @Nullable Term partner(Term term) {
    for (int i = 0; i < partner.length; i++) {
      if (ones.get(i) == term) {
        return partner[i] < 0 || partner[i] >= others.size() ? null : others.get(partner[i]);
      }
    }
    return null;
  }

  /** How many words of content have a counterpart. */
  long matched() {
    long matched = 0;
    for (int i = 0; i < partner.length; i++) {
      boolean counts = ones.get(i).kind() == Term.Kind.CONTENT && !ones.get(i).light();
      matched += counts && partner[i] >= 0 ? 1 : 0;
    }
    return matched;
  }

  /** How many words of content only the story of the other question explains. */
  long told() {
    long told = 0;
    for (int i = 0; i < partner.length; i++) {
      told += partner[i] < 0 && told(ones.get(i), other) ? 1 : 0;
    }
    for (int i = 0; i < used.length; i++) {
      told += !used[i] && told(others.get(i), one) ? 1 : 0;
    }
    return told;
  }

  private static boolean told(Term term, Reading other) {
    return term.kind() == Term.Kind.CONTENT && other.story().stream().anyMatch(term::means);
  }

  /** How many words were paired with their own negation, as safe with unsafe. */
  int negated() {
    return negated;
  }

  private static List<Term> alignable(Reading reading) {
    return reading.terms().stream().filter(term -> KINDS.contains(term.kind())).toList();
  }

  private void pair(BiPredicate<Term, Term> same) {
    for (int i = 0; i < ones.size(); i++) {
      for (int k = 0; k < others.size() && partner[i] < 0; k++) {
        if (!used[k] && same.test(ones.get(i), others.get(k))) {
          partner[i] = k;
          used[k] = true;
        }
      }
    }
  }

  /** A country and its people: Kenya and Kenyan. */
  private static boolean sameOrigin(Term a, Term b) {
    if (!a.name() || !b.name()) {
      return false;
    }
    String shorter = a.text().length() < b.text().length() ? a.text() : b.text();
    String longer = shorter.equals(a.text()) ? b.text() : a.text();
    return shorter.length() > 3
        && longer.startsWith(shorter)
        && ORIGINS.contains(longer.substring(shorter.length()));
  }

  private boolean isNegated(Term negative, Term positive) {
    if (negative.text().startsWith("un") && positive.kind() == Term.Kind.CONTENT) {
      String rest = EnglishStem.of(negative.text().substring(2));
      if (rest.length() > 2 && positive.concepts().contains(rest)) {
        negated++;
        return true;
      }
    }
    return false;
  }

  /** A short word that is made of the first letters of words of the other question. */
  private void pairInitials(boolean forth) {
    List<Term> shorts = forth ? ones : others;
    List<Term> longs = forth ? others : ones;
    Reading text = forth ? other : one;
    for (int i = 0; i < shorts.size(); i++) {
      String said = shorts.get(i).text();
      String word =
          said.length() > 3 && said.endsWith("s") ? said.substring(0, said.length() - 1) : said;
      boolean free = forth ? partner[i] < 0 : !used[i];
      if (free && word.length() >= 2 && word.length() <= 5) {
        List<String> run = run(word, text.words());
        int first = -1;
        for (int k = 0; k < longs.size(); k++) {
          boolean open = forth ? !used[k] : partner[k] < 0;
          if (open && run.containsAll(List.of(longs.get(k).text().split(" ")))) {
            first = first < 0 ? k : first;
            mark(forth, k);
          }
        }
        if (first >= 0) {
          partner[forth ? i : first] = forth ? first : i;
          used[forth ? first : i] = true;
        }
      }
    }
  }

  private void mark(boolean forth, int index) {
    if (forth) {
      used[index] = true;
    } else {
      partner[index] = Integer.MAX_VALUE;
    }
  }

  private static List<String> run(String initials, List<String> words) {
    for (int from = 0; from < words.size(); from++) {
      int letter = 0;
      int k = from;
      while (k < words.size() && letter < initials.length()) {
        String word = words.get(k);
        if (word.charAt(0) == initials.charAt(letter)) {
          letter++;
        } else if (k == from || !(word.equals("of") || word.equals("and") || word.equals("on"))) {
          break;
        }
        k++;
      }
      if (letter == initials.length() && k - from >= 2) {
        return words.subList(from, k);
      }
    }
    return List.of();
  }

  private static boolean isRepeated(
      Term term, List<Term> own, java.util.function.IntPredicate matched) {
    for (int k = 0; k < own.size(); k++) {
      if (matched.test(k) && own.get(k) != term && own.get(k).means(term)) {
        return true;
      }
    }
    return false;
  }
}
