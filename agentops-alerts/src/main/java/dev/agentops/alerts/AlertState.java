package dev.agentops.alerts;

/** Where a problem stands, in the sense of Prometheus. */
public enum AlertState {

  /** The condition holds, but not yet for as long as its rule demands: nobody is told. */
  PENDING,

  /** It is a problem now. */
  FIRING,

  /** It was a problem and is none any more. */
  RESOLVED
}
