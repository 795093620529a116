package dev.agentops.cache;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CacheStore} did not do what it was asked. Its message tells of the server, and of no key
 * or value, since it is logged.
 */
public final class CacheStoreException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final boolean refused;
  private final boolean closed;

  private CacheStoreException(
      String message, @Nullable Throwable cause, boolean refused, boolean closed) {
    super(message, cause);
    this.refused = refused;
    this.closed = closed;
  }

  /** The store did not answer, or cannot work: it is left alone until it is back. */
  public CacheStoreException(String message, @Nullable Throwable cause) {
    this(message, cause, false, false);
  }

  /**
   * The store is well and does not take this value: it has no room, is busy with others of this
   * process, or the value is too large. What was under the key before may be there still. Or it is
   * too busy for a read, which then is a miss.
   */
  public static CacheStoreException refusing(String message, @Nullable Throwable cause) {
    return new CacheStoreException(message, cause, true, false);
  }

  /**
   * The store was closed: it is never asked again.
   *
   * @param store what it is, as the subject of "... is closed"
   */
  public static CacheStoreException closed(String store) {
    return new CacheStoreException(store + " is closed", null, false, true);
  }

  /** Whether the store was closed, so that it will not be back. */
  public boolean closed() {
    return closed;
  }

  /** Whether the store is not away, and does only not do this now. */
  public boolean refused() {
    return refused;
  }
}
