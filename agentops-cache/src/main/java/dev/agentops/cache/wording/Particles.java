package dev.agentops.cache.wording;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Small words that turn a sentence round: on and off, from and to, before and after. */
final class Particles {

  private static final List<Set<String>> PAIRS =
      List.of(
          Set.of("on", "off"),
          Set.of("in", "out"),
          Set.of("up", "down"),
          Set.of("up", "out"),
          Set.of("from", "to"),
          Set.of("to", "about"),
          Set.of("inside", "outside"),
          Set.of("forward", "back"),
          Set.of("against", "for"));

  /** Those that say something even when the other question has no word in their place. */
  private static final Set<String> PLACES =
      Set.of("before", "after", "above", "below", "under", "off", "\u524d", "\u540e");

  private Particles() {}

  /** The particles in which two questions differ; empty when they do not. */
  static String difference(Reading one, Reading other) {
    Set<String> left = onlyIn(one, other);
    Set<String> right = onlyIn(other, one);
    for (Set<String> pair : PAIRS) {
      for (String word : pair) {
        if (left.contains(word)
            && right.stream().anyMatch(o -> pair.contains(o) && !o.equals(word))) {
          return String.join(" ", pair.stream().sorted().toList());
        }
      }
    }
    List<Term> places = places(one);
    List<Term> otherPlaces = places(other);
    boolean same =
        places.stream().allMatch(a -> otherPlaces.stream().anyMatch(a::means))
            && otherPlaces.stream().allMatch(a -> places.stream().anyMatch(a::means));
    return same ? "" : Term.texts(places) + " | " + Term.texts(otherPlaces);
  }

  private static List<Term> places(Reading reading) {
    return reading.of(Term.Kind.LINK).stream()
        .filter(term -> PLACES.contains(term.text()))
        .toList();
  }

  private static Set<String> onlyIn(Reading one, Reading other) {
    Set<String> words = new HashSet<>(one.words());
    words.removeAll(other.words());
    return words;
  }
}
