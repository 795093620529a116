package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import java.util.List;
import java.util.function.ToLongBiFunction;
import dev.agentops.ratelimit.Limit;

/**
 * By how many units each limit of each cell changes, and whether all is given back.
 *
 * @param cancelled whether nothing was used, not even the time that was waited for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Changes(long[] units, boolean cancelled) {

  static Changes used(List<Cell> cells, Demand used) {
    ToLongBiFunction<Limit, Demand> more =
        (limit, taken) ->
            limit.kind() == Limit.Kind.REQUESTS ? 0 : limit.units(used) - limit.units(taken);
    return new Changes(units(cells, more), false);
  }

  static Changes cancelled(List<Cell> cells) {
    return new Changes(units(cells, (limit, taken) -> -limit.units(taken)), true);
  }

  static long[] units(List<Cell> cells, ToLongBiFunction<Limit, Demand> number) {
    return cells.stream()
        .flatMapToLong(
            cell ->
                cell.limits().limits().stream()
                    .mapToLong(limit -> number.applyAsLong(limit, cell.demand())))
        .toArray();
  }
}
