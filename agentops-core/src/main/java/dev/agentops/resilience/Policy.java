package dev.agentops.resilience;

import dev.agentops.Clock;

/** Decides which models a call is tried at, and how often. Thread-safe. */
interface Policy {

  Course begin(Caller caller);

  Clock clock();

  /** Whether its models are one and the same, so that a name in a request is good for all. */
  default boolean isOfOneModel() {
    return true;
  }
}
