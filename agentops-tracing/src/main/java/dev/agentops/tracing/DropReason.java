package dev.agentops.tracing;

/** Why spans are not kept. */
public enum DropReason {
  /** The {@link Sampler} left their trace out when it started. */
  NOT_SAMPLED,
  /** The {@link TailSampler} left their trace out when it had ended. */
  TAIL_NOT_SAMPLED,
  /** Their trace has as many spans as are kept of one. */
  TRACE_FULL,
  /** More traces were running than are followed. */
  TOO_MANY_RUNNING,
  /** The queue of the background thread was full. */
  QUEUE_FULL,
  /** The store on the heap made room for later ones. */
  STORE_FULL,
  /** The store threw. */
  STORE_FAILED,
  /** Something else failed on the background thread. */
  FAILED,
  /** They ended after the tracer was closed, or could not be stored in time while it closed. */
  CLOSED
}
