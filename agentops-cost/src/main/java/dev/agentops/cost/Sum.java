package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a usage costs, in pico-dollars as long as they fit; unknown for good once a part of
 * it is. Not thread-safe.
 */
final class Sum implements RatedParts {

  private long picoUsd;

  /** What few sums have, apart to keep the others small. */
  private @Nullable Rest rest;

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
      Rest more = rest();
      more.tokens = more.tokens.plus(rate.times(count));
    }
  }

  @Override
  public void units(String name, BigDecimal count, UnitRate rate) {
    Rest more = rest();
    more.units = more.units.plus(rate.times(count));
  }

  @Override
  public void missing(String what) {
    rest().missing = what;
  }

  /** What has no price; null where all has. */
  @Nullable String missing() {
    return rest == null ? null : rest.missing;
  }

  /**
   * The total, or null where a part has no price.
   *
   * @param factor on the tokens; null for none
   * @param discount on all; null for none
   */
  @Nullable Cost total(@Nullable BigDecimal factor, @Nullable BigDecimal discount) {
    return missing() == null ? known(factor, discount) : null;
  }

  /** The total of the parts that have a price. */
  Cost known(@Nullable BigDecimal factor, @Nullable BigDecimal discount) {
    Cost tokens = Cost.ofPicoUsd(picoUsd);
    return rest == null
        ? times(times(tokens, factor), discount)
        : times(times(tokens.plus(rest.tokens), factor).plus(rest.units), discount);
  }

  private static Cost times(Cost cost, @Nullable BigDecimal factor) {
    return factor == null ? cost : Cost.usd(cost.usd().multiply(factor));
  }

  private Rest rest() {
    if (rest == null) {
      rest = new Rest();
    }
    return rest;
  }

  /** What pico-dollars in a long cannot hold, and what are no tokens. */
  private static final class Rest {
    private Cost tokens = Cost.ZERO;
    private Cost units = Cost.ZERO;
    private @Nullable String missing;
  }
}
