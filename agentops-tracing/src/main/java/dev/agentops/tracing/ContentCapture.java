package dev.agentops.tracing;

/** How much of what agents, models and tools are given and answer is kept on spans. */
public enum ContentCapture {
  /** Nothing of it. */
  OFF,
  /**
   * Its shape: roles, kinds of parts, names of tools, lengths, but no text, arguments or results.
   */
  METADATA,
  /** All of it, up to the tracer's bound of one value. */
  FULL
}
