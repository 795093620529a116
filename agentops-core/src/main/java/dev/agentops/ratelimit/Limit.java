package dev.agentops.ratelimit;

/** So many requests or tokens in a period, of which {@code burst} may come at once. */
record Limit(Kind kind, long amount, long periodNanos, long burst) {

  enum Kind {
    REQUESTS,
    TOKENS
  }

  Limit withBurst(long requests) {
    return requests == 0 || kind == Kind.TOKENS
        ? this
        : new Limit(kind, amount, periodNanos, requests);
  }

  /** How long the bucket takes to leak so much. Multiplied first, so that no rate is rounded. */
  long leakNanos(long units) {
    long whole = units / amount;
    long rest = units % amount;
    return saturatedMultiply(whole, periodNanos) + Math.round((double) rest / amount * periodNanos);
  }

  long capacityNanos() {
    return leakNanos(burst);
  }

  private static long saturatedMultiply(long a, long b) {
    return a > Long.MAX_VALUE / 4 / b
        ? Long.MAX_VALUE / 4
        : a * b; // a debt of 70 years is a debt of 70 years
  }
}
