package dev.agentops.resilience;

/** Who has to go when one more job is submitted to a full {@link WorkQueue}. */
public enum ShedPolicy {

  /** The one that comes: {@code submit} throws. */
  REJECT_NEWEST,

  /**
   * The one that has waited longest among those of the lowest priority, which nobody may be waiting
   * for any more; the one that comes where its own priority is lower still.
   */
  DROP_OLDEST,

  /**
   * The one that came last among those of the lowest priority; the one that comes unless its own
   * priority is higher.
   */
  DROP_LOWEST_PRIORITY
}
