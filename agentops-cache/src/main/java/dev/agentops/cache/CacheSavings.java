package dev.agentops.cache;

import dev.agentops.CachedAnswer;
import dev.agentops.Cost;
import java.time.Duration;

/**
 * What the answers of a {@link ResponseCache} have saved since it was made. Immutable; the numbers
 * are of one moment.
 */
public final class CacheSavings {

  static final CacheSavings NONE = new CacheSavings(0, 0, 0, Cost.ZERO, Duration.ZERO);

  private final long answers;
  private final long joined;
  private final long unpriced;
  private final Cost cost;
  private final Duration time;

  private CacheSavings(long answers, long joined, long unpriced, Cost cost, Duration time) {
    this.answers = answers;
    this.joined = joined;
    this.unpriced = unpriced;
    this.cost = cost;
    this.time = time;
  }

  /** Answers that no model had to give. */
  public long answers() {
    return answers;
  }

  /** Those of them that were the answer of an equal call that was under way. */
  public long joined() {
    return joined;
  }

  /** Those of them of which it is not known what they cost when they were made. */
  public long unpriced() {
    return unpriced;
  }

  /** What they cost when they were made, as far as that is known. */
  public Cost cost() {
    return cost;
  }

  /** How long models took to make them, without that of joined ones. */
  public Duration time() {
    return time;
  }

  CacheSavings plus(CachedAnswer answer) {
    return new CacheSavings(
        answers + 1,
        joined + (answer.joined() ? 1 : 0),
        unpriced + (answer.savedCost().isEmpty() ? 1 : 0),
        cost.plus(answer.savedCost().orElse(Cost.ZERO)),
        time.plus(answer.savedTime().orElse(Duration.ZERO)));
  }

  @Override
  public String toString() {
    return "CacheSavings{"
        + answers
        + " answers, "
        + joined
        + " of them joined, "
        + cost
        + (unpriced == 0 ? "" : " without " + unpriced + " unpriced")
        + ", "
        + time
        + '}';
  }
}
