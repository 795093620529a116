package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;

/**
 * A cache was asked for the answer of a model call.
 *
 * @param timestamp when
 * @param cache the cache's name
 * @param type what it had
 * @param attributes those of the scopes around the call
 */
public record CacheEvent(Instant timestamp, String cache, Type type, Attributes attributes)
    implements OpsEvent {

  /** What a cache had to offer. */
  public enum Type {
    /** The answer. */
    HIT,
    /** Nothing. */
    MISS,
    /** Nothing to be asked for: calls of this kind are not cached. */
    BYPASS
  }
}
