package dev.agentops.ratelimit;

/**
 * What one call asks of a {@link RateLimiter}: one request and the tokens that it is expected to
 * take. Immutable.
 */
public final class Demand {

  /** One request that takes no tokens. */
  static final Demand ONE_REQUEST = new Demand(1, 0, 0, 0);

  private final long requests;
  private final long inputTokens;
  private final long outputTokens;
  private final int priority;

  private Demand(long requests, long inputTokens, long outputTokens, int priority) {
    this.requests = requests;
    this.inputTokens = inputTokens;
    this.outputTokens = outputTokens;
    this.priority = priority;
  }

  /**
   * One request with its tokens.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public static Demand of(long inputTokens, long outputTokens) {
    return new Demand(
        1, positive("inputTokens", inputTokens), positive("outputTokens", outputTokens), 0);
  }

  /** The same, ahead of those of a lower priority where there is a queue; 0 unless said. */
  public Demand priority(int priority) {
    return new Demand(requests, inputTokens, outputTokens, priority);
  }

  public long requests() {
    return requests;
  }

  public long inputTokens() {
    return inputTokens;
  }

  public long outputTokens() {
    return outputTokens;
  }

  public int priority() {
    return priority;
  }

  private static long positive(String what, long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException(what + " must not be negative: " + tokens);
    }
    return tokens;
  }

  @Override
  public String toString() {
    return "Demand{requests="
        + requests
        + ", inputTokens="
        + inputTokens
        + ", outputTokens="
        + outputTokens
        + (priority == 0 ? "" : ", priority=" + priority)
        + '}';
  }
}
