package dev.agentops.cost;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The known names that look most like one that is not known. */
final class NearestNames {

  // a suggestion is made on the thread of a call
  private static final int LONGEST_NAME = 100;
  private static final int MOST_COMPARED = 5_000;
  private static final int SUGGESTIONS = 3;

  private NearestNames() {}

  /**
   * At most three, the nearest first; none where more than half of the letters differ, and for a
   * name so long that it is none.
   */
  static List<String> of(String modelName, Stream<String> known) {
    String model = ModelPattern.normalise(modelName);
    if (model.length() > LONGEST_NAME) {
      return List.of();
    }
    Iterator<String> names = known.distinct().limit(MOST_COMPARED).iterator();
    TreeSet<Suggestion> best = new TreeSet<>(Suggestion.NEAREST_FIRST);
    int limit = model.length() / 2;
    while (names.hasNext()) {
      String name = names.next();
      int distance = EditDistance.between(name, model, limit);
      if (distance <= limit) {
        best.add(new Suggestion(name, distance));
      }
      if (best.size() > SUGGESTIONS) {
        best.pollLast();
        limit = best.last().distance; // what is further away need not be measured to the end
      }
    }
    return best.stream().map(Suggestion::name).toList();
  }

  /** A known name, and how far it is from the one that was asked for. */
  private record Suggestion(String name, int distance) {

    static final Comparator<Suggestion> NEAREST_FIRST =
        Comparator.comparingInt(Suggestion::distance).thenComparing(Suggestion::name);
  }
}
