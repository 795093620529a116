package dev.agentops.ratelimit;

/** So many requests or tokens in a period, of which {@code burst} may come at once. */
record Limit(Kind kind, long amount, long periodNanos, long burst) {

  /** A debt of 73 years is as good as one for ever, and four of them still fit a {@code long}. */
  static final long FOR_EVER = Long.MAX_VALUE / 4;

  enum Kind {
    REQUESTS,
    TOKENS
  }

  Limit withBurst(long requests) {
    return requests == 0 || kind == Kind.TOKENS
        ? this
        : new Limit(kind, amount, periodNanos, requests);
  }

  /**
   * How long the bucket takes to leak so much. Rounded down to the nanosecond, so that the whole
   * burst of single requests fits into the bucket; the rate is too high by less than a nanosecond a
   * request.
   */
  long leakNanos(long units) {
    long whole = units / amount;
    long rest = units % amount;
    if (whole > FOR_EVER / periodNanos) {
      return FOR_EVER;
    }
    long partial =
        rest <= Long.MAX_VALUE / periodNanos
            ? rest * periodNanos / amount
            : Math.max(0, (long) ((double) rest / amount * periodNanos) - 1);
    return whole * periodNanos + partial;
  }

  long capacityNanos() {
    return leakNanos(burst);
  }
}
