package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimitStore;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import java.util.List;
import java.util.function.ToLongBiFunction;
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

  /** A number for each limit of each cell. */
  long[] units(ToLongBiFunction<Limit, Demand> number) {
    return cells.stream()
        .flatMapToLong(
            cell ->
                cell.limits().limits().stream()
                    .mapToLong(limit -> number.applyAsLong(limit, cell.demand())))
        .toArray();
  }

  /** Changes what the batch has left, or what Redis knows if it has ended or has too little. */
  synchronized void settle(long[] changes, Steps steps) {
    if (done) {
      return;
    }
    if (atRedis == null && batch.change(changes)) {
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
