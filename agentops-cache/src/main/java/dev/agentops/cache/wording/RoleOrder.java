package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds words that change places with each other, so that who does what to whom, or from where to
 * where, is turned round. Other orders of the same words say the same.
 */
final class RoleOrder {

  private static final Set<String> LISTS = Set.of("and", "or", "versus", "vs", "和", "与", "或");

  private static final Set<String> AGENTS = Set.of("by", "被", "由");
  private static final Set<String> INVERTING =
      Set.of("do", "does", "did", "should", "can", "will", "must", "may");
  private static final Set<String> BE =
      Set.of("is", "are", "was", "were", "be", "been", "being", "am");
  private static final int LONGEST_PART = 4;

  private RoleOrder() {}

  /** The words that are turned round; null when none are. */
  static @Nullable String turned(Reading one, Reading other, Alignment alignment) {
    String moved = movedLink(one, other, alignment);
    if (moved != null) {
      return moved;
    }
    String place = asPlace(one, other, alignment);
    if (place != null) {
      return place;
    }
    boolean same = Set.copyOf(numbers(one)).equals(Set.copyOf(numbers(other)));
    if (same && !numbers(one).equals(numbers(other)) && !counted(one, other)) {
      return String.join(" ", numbers(one));
    }
    return swapped(one, other, alignment);
  }

  /** A word that hangs on another link word, although both questions have the same ones. */
  private static @Nullable String movedLink(Reading one, Reading other, Alignment alignment) {
    if (!links(one).equals(links(other))) {
      return null;
    }
    Set<String> moves = new HashSet<>();
    for (Term term : one.terms()) {
      Term partner = alignment.partner(term);
      boolean moved =
          partner != null
              && term.kind() == Term.Kind.CONTENT
              && !term.role().equals(partner.role());
      if (partner != null && moved) {
        if ((isLink(term) && isLink(partner))
            || moves.contains(partner.role() + ">" + term.role())) {
          return term.text();
        }
        moves.add(term.role() + ">" + partner.role());
      }
    }
    return null;
  }

  /** A verb of one question that is a place in the other: I train a dog, on a train. */
  private static @Nullable String asPlace(Reading one, Reading other, Alignment alignment) {
    for (Term term : one.terms()) {
      Term partner = alignment.partner(term);
      boolean turned =
          partner != null
              && term.kind() == Term.Kind.CONTENT
              && ((isVerb(term, one) && isPlace(partner, other))
                  || (isPlace(term, one) && isVerb(partner, other)));
      if (turned) {
        return term.text();
      }
    }
    return null;
  }

  private static boolean isVerb(Term term, Reading reading) {
    return term.at() > 0 && reading.words().get(term.at() - 1).matches("i|you|we|they|to|not");
  }

  private static boolean isPlace(Term term, Reading reading) {
    return term.at() > 1
        && reading.words().get(term.at() - 1).matches("an?|the|my|your")
        && reading.words().get(term.at() - 2).matches("on|in|at|into|onto|by|near|inside|under");
  }

  /** Two words on either side of a third that change places: a tenant sues a landlord. */
  private static @Nullable String swapped(Reading one, Reading other, Alignment alignment) {
    List<Term> a = new ArrayList<>();
    List<Term> b = new ArrayList<>(inOrder(other));
    List<Term> image = new ArrayList<>();
    for (Term term : inOrder(one)) {
      Term partner = term.kind() == Term.Kind.PERSON ? person(term, b) : alignment.partner(term);
      if (partner != null && b.contains(partner) && !image.contains(partner)) {
        a.add(term);
        image.add(partner);
      }
    }
    b.retainAll(image);
    int first = 0;
    int last = image.size() - 1;
    while (first <= last && image.get(first) == b.get(first)) {
      first++;
    }
    while (last > first && image.get(last) == b.get(last)) {
      last--;
    }
    boolean passive = hasBy(one) != hasBy(other);
    if (first > last) {
      return passive ? "by" : null;
    }
    if (passive && image.get(0) == b.get(0) && image.size() > 2) {
      return a.get(0).text();
    }
    boolean turned = isTurned(image.subList(first, last + 1), b.subList(first, last + 1));
    boolean exchanged =
        last - first == 1
            && image.get(first) == b.get(last)
            && ((isNamed(a.get(first), b.get(first)) && a.get(last).name())
                || (isPerson(a.get(first)) && isPerson(a.get(last))));
    boolean inverted =
        last - first == 1
            && image.get(first) == b.get(last)
            && inverted(one) != inverted(other)
            && !isPassive(one)
            && !isPassive(other);
    boolean listed =
        one.words().stream().anyMatch(LISTS::contains)
            && other.words().stream().anyMatch(LISTS::contains);
    boolean genitive = count("of", one) != count("of", other) || !links(one).equals(links(other));
    return (exchanged || inverted || (turned && !passive && !genitive)) && !listed
        ? a.get(first).text() + " " + a.get(last).text()
        : null;
  }

  /** Whether two parts around a third have changed places. */
  private static boolean isTurned(List<Term> before, List<Term> after) {
    int size = before.size();
    for (int x = 1; x <= LONGEST_PART; x++) {
      for (int y = 1; y <= LONGEST_PART && x + y < size; y++) {
        boolean same =
            before.subList(0, x).equals(after.subList(size - x, size))
                && before.subList(x, size - y).equals(after.subList(y, size - x))
                && before.subList(size - y, size).equals(after.subList(0, y));
        if (same) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isNamed(Term term, Term counterpart) {
    return term.name() && term.role().isEmpty() && counterpart.role().isEmpty();
  }

  private static boolean isPerson(Term term) {
    return term.kind() == Term.Kind.PERSON || term.kind() == Term.Kind.ASPECT;
  }

  /** Whether the subject stands between an auxiliary and the verb: who did Anna call. */
  private static boolean inverted(Reading reading) {
    return reading.words().stream().anyMatch(INVERTING::contains);
  }

  private static boolean isPassive(Reading reading) {
    return reading.words().stream().anyMatch(BE::contains);
  }

  private static boolean hasBy(Reading reading) {
    return reading.of(Term.Kind.LINK).stream().anyMatch(term -> AGENTS.contains(term.text()));
  }

  private static List<Term> inOrder(Reading reading) {
    return reading.terms().stream()
        .filter(
            term ->
                term.kind() == Term.Kind.PERSON
                    || term.text().equals("谁")
                    || term.kind() == Term.Kind.WEAK
                    || (term.kind() == Term.Kind.CONTENT && !term.role().equals("\"")))
        .filter(term -> !Set.of("my", "your", "our", "his", "her", "their").contains(term.text()))
        .toList();
  }

  private static @Nullable Term person(Term term, List<Term> among) {
    return among.stream()
        .filter(other -> other.kind() == Term.Kind.PERSON && other.means(term))
        .findFirst()
        .orElse(null);
  }

  private static boolean isLink(Term term) {
    return term.role().startsWith("LINK");
  }

  private static List<String> links(Reading reading) {
    return reading.of(Term.Kind.LINK).stream()
        .map(term -> term.concepts().iterator().next())
        .sorted()
        .toList();
  }

  private static long count(String word, Reading reading) {
    return reading.words().stream().filter(word::equals).count();
  }

  private static List<String> numbers(Reading reading) {
    return reading.of(Term.Kind.NUMBER).stream().map(Term::text).toList();
  }

  /** Whether each number has a neighbour that it has in the other question too. */
  private static boolean counted(Reading one, Reading other) {
    List<Term> terms = one.terms();
    for (int i = 0; i < terms.size(); i++) {
      if (terms.get(i).kind() == Term.Kind.NUMBER) {
        String before = neighbour(terms, i, -1);
        String next = neighbour(terms, i, 1);
        boolean kept = false;
        for (int k = 0; k < other.terms().size(); k++) {
          if (other.terms().get(k).text().equals(terms.get(i).text())) {
            String otherNext = neighbour(other.terms(), k, 1);
            kept |= !before.isEmpty() && before.equals(neighbour(other.terms(), k, -1));
            kept |= !next.isEmpty() && next.equals(otherNext);
          }
        }
        if (!kept) {
          return false;
        }
      }
    }
    return true;
  }

  private static String neighbour(List<Term> terms, int index, int step) {
    int at = index + step;
    if (at < 0 || at >= terms.size()) {
      return "";
    }
    Term term = terms.get(at);
    boolean names = term.kind() == Term.Kind.CONTENT || term.kind() == Term.Kind.TIME;
    return names ? EnglishStem.of(term.text()) : "";
  }
}
