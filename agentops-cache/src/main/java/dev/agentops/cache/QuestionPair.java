package dev.agentops.cache;

import java.util.Objects;

/**
 * Two questions, and whether the answer to the first serves the second. Immutable, hence
 * thread-safe.
 */
public final class QuestionPair {

  private final String kind;
  private final String stored;
  private final String asked;
  private final boolean same;

  private QuestionPair(String kind, String stored, String asked, boolean same) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.stored = Objects.requireNonNull(stored, "stored");
    this.asked = Objects.requireNonNull(asked, "asked");
    this.same = same;
  }

  /**
   * A pair whose answer serves both.
   *
   * @param kind what it is an example of, such as "synonyms"; figures are told for each kind
   */
  public static QuestionPair same(String kind, String stored, String asked) {
    return new QuestionPair(kind, stored, asked, true);
  }

  /**
   * A pair whose answers must differ.
   *
   * @param kind what it is an example of, such as "negation"; figures are told for each kind
   */
  public static QuestionPair different(String kind, String stored, String asked) {
    return new QuestionPair(kind, stored, asked, false);
  }

  /** What it is an example of. */
  public String kind() {
    return kind;
  }

  /** The question whose answer is kept. */
  public String stored() {
    return stored;
  }

  /** The question that comes later. */
  public String asked() {
    return asked;
  }

  /** Whether the answer to the first serves the second. */
  public boolean isSame() {
    return same;
  }
}
