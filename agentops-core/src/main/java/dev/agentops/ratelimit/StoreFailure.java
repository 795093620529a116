package dev.agentops.ratelimit;

/** What becomes of calls while the {@link RateLimitStore} is away. */
public enum StoreFailure {
  /** They pass, unlimited: fail open. */
  ALLOW,
  /** They are refused: fail closed. */
  REFUSE,
  /**
   * Each process enforces the limits on its own: with several of them, up to so many times the
   * limit passes.
   */
  LOCAL
}
