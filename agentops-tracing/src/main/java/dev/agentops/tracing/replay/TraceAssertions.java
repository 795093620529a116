package dev.agentops.tracing.replay;

import dev.agentops.tracing.Trace;

/**
 * The way into {@link TraceAssert}, for a static import; goes together with that of AssertJ, and
 * needs no library.
 */
public final class TraceAssertions {

  private TraceAssertions() {}

  public static TraceAssert assertThat(Trace trace) {
    return new TraceAssert(trace);
  }
}
