package dev.agentops.cache;

import dev.agentops.cache.wording.SemanticGuard;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a {@link SemanticCache} would do with question pairs of one's own, and the least similarity
 * that keeps its false hits within a budget. Immutable, hence thread-safe.
 *
 * <p>Take pairs from the traffic that the cache is to serve, each of a question with the stored one
 * that is nearest, and mixed as they come; at least so many that would be served as the budget asks
 * for: none wrong of 299 proves 1 %. A similarity that was chosen on some pairs looks better on
 * them than it is; measure it with {@link #at} on others.
 */
public final class SemanticCalibration {

  /** What the words of a pair say, and its cosine. */
  private record Outcome(QuestionPair pair, double least, double cosine) {

    boolean hits(double minimumSimilarity) {
      return cosine >= Math.max(least, minimumSimilarity);
    }
  }

  /** Figures at one similarity. */
  public static final class Result {

    private final double minimumSimilarity;
    private final List<Outcome> outcomes;

    private Result(double minimumSimilarity, List<Outcome> outcomes) {
      this.minimumSimilarity = minimumSimilarity;
      this.outcomes = outcomes;
    }

    /** The cosine that a hit needs, besides what the words ask for; 0 to 1. */
    public double minimumSimilarity() {
      return minimumSimilarity;
    }

    /**
     * Of the pairs that would be served the different ones, with their 95 % bound: what a cache
     * finds of its hits ({@link SemanticStats#falseHitRate()}), as far as the pairs are mixed as
     * its traffic is.
     */
    public FalseHitRate falseHits() {
      return FalseHitRate.of(hits(true) + hits(false), hits(false));
    }

    /** Of the different pairs those that would be served, which no mixture changes. */
    public FalseHitRate servedDifferent() {
      return FalseHitRate.of(count(false), hits(false));
    }

    /** The share of the pairs that mean the same which would be served; 0 when there are none. */
    public double recall() {
      return count(true) == 0 ? 0 : (double) hits(true) / count(true);
    }

    /** The share of what would be served that is right; 0 when nothing would be. */
    public double precision() {
      long served = hits(true) + hits(false);
      return served == 0 ? 0 : (double) hits(true) / served;
    }

    /** The different pairs that would be served. */
    public List<QuestionPair> wrong() {
      return outcomes.stream()
          .filter(outcome -> !outcome.pair.isSame() && outcome.hits(minimumSimilarity))
          .map(Outcome::pair)
          .toList();
    }

    private long hits(boolean same) {
      return outcomes.stream()
          .filter(outcome -> outcome.pair.isSame() == same && outcome.hits(minimumSimilarity))
          .count();
    }

    private long count(boolean same) {
      return outcomes.stream().filter(outcome -> outcome.pair.isSame() == same).count();
    }

    /** A table with a line for each kind of pair, ready to print. */
    @Override
    public String toString() {
      Map<String, long[]> kinds = new TreeMap<>();
      for (Outcome outcome : outcomes) {
        String kind = (outcome.pair.isSame() ? "same " : "different ") + outcome.pair.kind();
        long[] counts = kinds.computeIfAbsent(kind, k -> new long[2]);
        counts[0] += outcome.hits(minimumSimilarity) ? 1 : 0;
        counts[1]++;
      }
      StringBuilder table =
          new StringBuilder(
              String.format(
                  Locale.ROOT,
                  "similarity %.3f: false hits %s, of the different %s, recall %.3f,"
                      + " precision %.3f%n",
                  minimumSimilarity,
                  falseHits(),
                  servedDifferent(),
                  recall(),
                  precision()));
      kinds.forEach(
          (kind, counts) ->
              table.append(
                  String.format(Locale.ROOT, "  %-32s %d of %d%n", kind, counts[0], counts[1])));
      return table.toString();
    }
  }

  private final List<Outcome> outcomes;

  private SemanticCalibration(List<Outcome> outcomes) {
    this.outcomes = outcomes;
  }

  /**
   * Measures pairs with the embedding models on the class path, as a cache without a model of its
   * own does.
   *
   * @throws IllegalStateException when there is none; its message names the artifacts
   */
  public static SemanticCalibration of(List<QuestionPair> pairs) {
    return measure(pairs, SemanticEncoder.fromClassPath());
  }

  /**
   * Measures pairs with the model that the cache will have.
   *
   * @param name the model's, as {@link SemanticCache.Builder#embeddingModel} has it
   */
  public static SemanticCalibration of(
      List<QuestionPair> pairs, String name, EmbeddingModel model) {
    Require.notBlank("a model's name", name);
    return measure(pairs, SemanticEncoder.of(name, Objects.requireNonNull(model, "model")));
  }

  private static SemanticCalibration measure(List<QuestionPair> pairs, SemanticEncoder encoder) {
    SemanticGuard guard = new SemanticGuard();
    List<Outcome> outcomes = new ArrayList<>(pairs.size());
    for (QuestionPair pair : pairs) {
      outcomes.add(outcome(pair, guard, encoder));
    }
    return new SemanticCalibration(List.copyOf(outcomes));
  }

  private static Outcome outcome(QuestionPair pair, SemanticGuard guard, SemanticEncoder encoder) {
    SemanticVector stored = encoder.encode(pair.stored());
    SemanticVector asked = encoder.encode(pair.asked());
    if (stored == null || asked == null || !stored.space().equals(asked.space())) {
      return new Outcome(pair, Double.POSITIVE_INFINITY, 0);
    }
    double cosine = 0;
    for (int i = 0; i < stored.values().length; i++) {
      cosine += (double) stored.values()[i] * asked.values()[i];
    }
    String space = stored.space();
    boolean hit = guard.check(pair.stored(), pair.asked(), space, cosine).agrees();
    return new Outcome(pair, hit ? guard.candidateCosine(space) : Double.POSITIVE_INFINITY, cosine);
  }

  /**
   * The figures of a cache with this {@code minimumSimilarity}.
   *
   * @param minimumSimilarity 0 to 1; 0 is the default of the cache, where the words decide and what
   *     the guard itself asks for
   * @throws IllegalArgumentException when it is not from 0 to 1
   */
  public Result at(double minimumSimilarity) {
    if (!(minimumSimilarity >= 0 && minimumSimilarity <= 1)) {
      throw new IllegalArgumentException(
          "minimumSimilarity must be from 0 to 1: " + minimumSimilarity);
    }
    return new Result(minimumSimilarity, outcomes);
  }

  /**
   * The least similarity whose {@linkplain Result#falseHits() share of wrong hits}, with 95 %
   * confidence, is within a budget, as {@link SemanticCache.Builder#strict} means it; empty when
   * there is none, which too few pairs are one reason for.
   *
   * @param maximumFalseHitRate the budget, between 0 and 1, as 0.02
   * @throws IllegalArgumentException when it is not between 0 and 1
   */
  public Optional<Result> within(double maximumFalseHitRate) {
    if (!(maximumFalseHitRate > 0 && maximumFalseHitRate < 1)) {
      throw new IllegalArgumentException(
          "maximumFalseHitRate must be between 0 and 1: " + maximumFalseHitRate);
    }
    TreeSet<Double> candidates = new TreeSet<>(List.of(0.0));
    outcomes.stream()
        .filter(outcome -> !outcome.pair.isSame())
        .map(outcome -> Math.min(1, Math.nextUp(Math.max(0, outcome.cosine))))
        .forEach(candidates::add);
    return candidates.stream()
        .map(this::at)
        .filter(result -> result.falseHits().upperBound() <= maximumFalseHitRate)
        .findFirst();
  }
}
