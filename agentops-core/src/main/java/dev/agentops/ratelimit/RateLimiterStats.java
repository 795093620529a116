package dev.agentops.ratelimit;

import java.time.Duration;

/**
 * What a {@link RateLimiter} has done since it was made. Immutable; the numbers are read one after
 * the other while the limiter is in use, so that they need not add up exactly.
 */
public final class RateLimiterStats {

  private final long allowed;
  private final long refused;
  private final long waited;
  private final Duration waitTime;
  private final long cancelled;
  private final long returnedTokens;
  private final long debtTokens;
  private final long keys;
  private final long forgottenKeys;
  private final long overflowedCalls;
  private final long leakedPermits;
  private final long queued;
  private final long shed;
  private final long storeFailures;
  private final long storeOutages;
  private final long fallbacks;
  private final long lostSettlements;
  private final boolean storeAway;

  private RateLimiterStats(Builder from) {
    allowed = from.allowed;
    refused = from.refused;
    waited = from.waited;
    waitTime = from.waitTime;
    cancelled = from.cancelled;
    returnedTokens = from.returnedTokens;
    debtTokens = from.debtTokens;
    keys = from.keys;
    forgottenKeys = from.forgottenKeys;
    overflowedCalls = from.overflowedCalls;
    leakedPermits = from.leakedPermits;
    queued = from.queued;
    shed = from.shed;
    storeFailures = from.storeFailures;
    storeOutages = from.storeOutages;
    fallbacks = from.fallbacks;
    lostSettlements = from.lostSettlements;
    storeAway = from.storeAway;
  }

  static Builder builder() {
    return new Builder();
  }

  /**
   * How many calls were let through, about, and never too many. Calls of two threads at the very
   * same moment may count as one if the threads' ids are equal modulo 64; where two such threads do
   * nothing else, up to half are missed.
   */
  public long allowed() {
    return allowed;
  }

  /** How many calls were refused, about, as {@link #allowed}. */
  public long refused() {
    return refused;
  }

  /** How many calls waited for their turn, as a part of those let through. */
  public long waited() {
    return waited;
  }

  /** How long they waited, all together. */
  public Duration waitTime() {
    return waitTime;
  }

  /** How many reservations were cancelled. */
  public long cancelled() {
    return cancelled;
  }

  /** Tokens that were reserved and not used. */
  public long returnedTokens() {
    return returnedTokens;
  }

  /** Tokens that were used beyond what was reserved. */
  public long debtTokens() {
    return debtTokens;
  }

  /** How many keys are kept now in this process. */
  public long keys() {
    return keys;
  }

  /** How many keys were forgotten because all of theirs was free again. */
  public long forgottenKeys() {
    return forgottenKeys;
  }

  /**
   * How many calls had to share a limit because too many keys are kept, and how many penalties and
   * words of a provider were not heeded since the others of that limit would have borne them.
   */
  public long overflowedCalls() {
    return overflowedCalls;
  }

  /** How many reservations were collected by the garbage collector before they ended. */
  public long leakedPermits() {
    return leakedPermits;
  }

  /** How many calls wait now for what several keys share, or for a permit. */
  public long queued() {
    return queued;
  }

  /** How many calls were refused because too many waited. */
  public long shed() {
    return shed;
  }

  /** How often the store failed or refused a request. */
  public long storeFailures() {
    return storeFailures;
  }

  /** How often the store was lost. */
  public long storeOutages() {
    return storeOutages;
  }

  /** How many calls were decided without the store because it was away. */
  public long fallbacks() {
    return fallbacks;
  }

  /** How many reservations could not be settled with the store. */
  public long lostSettlements() {
    return lostSettlements;
  }

  /** Whether the store is away now; false if there is none. */
  public boolean storeAway() {
    return storeAway;
  }

  @Override
  public String toString() {
    return "RateLimiterStats{"
        + "allowed "
        + allowed
        + ", refused "
        + refused
        + ", waited "
        + waited
        + ", waitTime "
        + waitTime
        + ", cancelled "
        + cancelled
        + ", returnedTokens "
        + returnedTokens
        + ", debtTokens "
        + debtTokens
        + ", keys "
        + keys
        + ", forgottenKeys "
        + forgottenKeys
        + ", overflowedCalls "
        + overflowedCalls
        + ", leakedPermits "
        + leakedPermits
        + ", queued "
        + queued
        + ", shed "
        + shed
        + ", storeFailures "
        + storeFailures
        + ", storeOutages "
        + storeOutages
        + ", fallbacks "
        + fallbacks
        + ", lostSettlements "
        + lostSettlements
        + ", storeAway "
        + storeAway
        + '}';
  }

  static final class Builder {

    private long allowed;
    private long refused;
    private long waited;
    private Duration waitTime = Duration.ZERO;
    private long cancelled;
    private long returnedTokens;
    private long debtTokens;
    private long keys;
    private long forgottenKeys;
    private long overflowedCalls;
    private long leakedPermits;
    private long queued;
    private long shed;
    private long storeFailures;
    private long storeOutages;
    private long fallbacks;
    private long lostSettlements;
    private boolean storeAway;

    private Builder() {}

    Builder allowed(long allowed) {
      this.allowed = allowed;
      return this;
    }

    Builder refused(long refused) {
      this.refused = refused;
      return this;
    }

    Builder waited(long waited) {
      this.waited = waited;
      return this;
    }

    Builder waitTime(Duration waitTime) {
      this.waitTime = waitTime;
      return this;
    }

    Builder cancelled(long cancelled) {
      this.cancelled = cancelled;
      return this;
    }

    Builder returnedTokens(long returnedTokens) {
      this.returnedTokens = returnedTokens;
      return this;
    }

    Builder debtTokens(long debtTokens) {
      this.debtTokens = debtTokens;
      return this;
    }

    Builder keys(long keys) {
      this.keys = keys;
      return this;
    }

    Builder forgottenKeys(long forgottenKeys) {
      this.forgottenKeys = forgottenKeys;
      return this;
    }

    Builder overflowedCalls(long overflowedCalls) {
      this.overflowedCalls = overflowedCalls;
      return this;
    }

    Builder leakedPermits(long leakedPermits) {
      this.leakedPermits = leakedPermits;
      return this;
    }

    Builder queued(long queued) {
      this.queued = queued;
      return this;
    }

    Builder shed(long shed) {
      this.shed = shed;
      return this;
    }

    Builder storeFailures(long storeFailures) {
      this.storeFailures = storeFailures;
      return this;
    }

    Builder storeOutages(long storeOutages) {
      this.storeOutages = storeOutages;
      return this;
    }

    Builder fallbacks(long fallbacks) {
      this.fallbacks = fallbacks;
      return this;
    }

    Builder lostSettlements(long lostSettlements) {
      this.lostSettlements = lostSettlements;
      return this;
    }

    Builder storeAway(boolean storeAway) {
      this.storeAway = storeAway;
      return this;
    }

    RateLimiterStats build() {
      return new RateLimiterStats(this);
    }
  }
}
