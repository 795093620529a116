package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a usage costs, in pico-dollars as long as they fit; unknown for good once a part of
 * it is. Not thread-safe.
 */
final class Sum implements Tally {

  private long picoUsd;
  private Cost beyond = Cost.ZERO;
  private Cost units = Cost.ZERO;
  private @Nullable String missing;

  @Override
  public void tokens(TokenKind kind, long count, Rate rate) {
    long product = rate.picoUsd() * count;
    long sum = picoUsd + product;
    if (rate.usd() == null
        && Math.multiplyHigh(rate.picoUsd(), count) == 0
        && product >= 0
        && sum >= 0) {
      picoUsd = sum;
    } else {
      beyond = beyond.plus(rate.times(count));
    }
  }

  @Override
  public void units(String name, BigDecimal count, UnitRate rate) {
    units = units.plus(rate.times(count));
  }

  @Override
  public void missing(String what) {
    missing = what;
  }

  /** What has no price; null where all has. */
  @Nullable String missing() {
    return missing;
  }

  /**
   * The total, or null where a part has no price.
   *
   * @param factor on the tokens; null for none
   * @param discount on all; null for none
   */
  @Nullable Cost total(@Nullable BigDecimal factor, @Nullable BigDecimal discount) {
    if (missing != null) {
      return null;
    }
    Cost tokens = Cost.ofPicoUsd(picoUsd);
    if (beyond != Cost.ZERO) {
      tokens = tokens.plus(beyond);
    }
    tokens = times(tokens, factor);
    return times(units == Cost.ZERO ? tokens : tokens.plus(units), discount);
  }

  private static Cost times(Cost cost, @Nullable BigDecimal factor) {
    return factor == null ? cost : Cost.usd(cost.usd().multiply(factor));
  }
}
