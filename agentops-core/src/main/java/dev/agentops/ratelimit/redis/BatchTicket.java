package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.RateLimitStore;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one caller was handed of a batch. Thread-safe. */
final class BatchTicket implements RateLimitStore.Ticket {

  private final Batch batch;
  private final List<Cell> cells;
  private @Nullable RedisTicket atRedis;
  private boolean done;

  BatchTicket(Batch batch, List<Cell> cells) {
    this.batch = batch;
    this.cells = cells;
  }

  List<Cell> cells() {
    return cells;
  }

  /** Changes what the batch has left, or what Redis knows if it has ended or has too little. */
  synchronized void settle(Changes changes, Steps steps) {
    if (done) {
      return;
    }
    if (atRedis == null && batch.change(changes.units())) {
      done = true;
      return;
    }
    if (atRedis == null) {
      atRedis = steps.another(batch.source());
    }
    steps.settle(atRedis, changes);
    done = true;
  }
}
