package dev.agentops.tracing.replay;

import java.io.Serializable;

/**
 * Where a replay first left its record. Immutable, hence thread-safe.
 *
 * <p>It quotes what was said, in short: it is meant for tests, not for logs.
 *
 * @param step the number of the recorded model call at which it happened, from 0 on; for a tool
 *     call, that of the model call before it
 * @param where the call, and the place in it: {@code "model call 1, message 3 (tool),
 *     parts[0].response"}
 * @param recorded what the record has there
 * @param actual what came instead
 */
public record Divergence(int step, String where, String recorded, String actual)
    implements Serializable {

  @Override
  public String toString() {
    return where + ": recorded " + recorded + ", came " + actual;
  }
}
