package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.RateLimitStore;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step was granted. The first settlement decides what is sent, however often it has to be.
 * Thread-safe.
 */
final class RedisTicket implements RateLimitStore.Ticket {

  private final String id;
  private final List<Part> parts;
  private @Nullable Changes changes;
  private boolean tried;
  private long firstTryNanos;
  private boolean done;

  RedisTicket(String id, List<Part> parts) {
    this.id = id;
    this.parts = parts;
  }

  /** Nobody else's, in Redis as well. */
  String id() {
    return id;
  }

  List<Part> parts() {
    return parts;
  }

  List<Cell> cells() {
    return parts.stream().map(Part::cell).toList();
  }

  boolean holdsPlace() {
    for (Part part : parts) {
      if (part.held() != null) {
        return true;
      }
    }
    return false;
  }

  /**
   * What to send.
   *
   * @return the first such; null if nothing is left to send
   */
  synchronized @Nullable Changes settle(Changes changes) {
    if (done) {
      return null;
    }
    if (this.changes == null) {
      this.changes = changes;
    }
    return this.changes;
  }

  /** It is sent now. Returns for how long that may have been done already. */
  synchronized long triedNanos() {
    long now = System.nanoTime();
    if (!tried) {
      tried = true;
      firstTryNanos = now;
    }
    return now - firstTryNanos;
  }

  /** It need not be sent again. */
  synchronized void done() {
    done = true;
  }

  /**
   * One cell.
   *
   * @param key its name in Redis
   * @param held the name of those that hold a place of its concurrency limit; null if it has none
   * @param after the cell right after the step
   * @param before the cell before the step; null if it was not to be waited for
   */
  record Part(
      String key,
      @Nullable String held,
      Windows windows,
      Cell cell,
      String after,
      @Nullable String before) {}
}
