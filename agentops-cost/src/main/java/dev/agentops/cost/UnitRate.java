package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The price of things that are not tokens, such as ten dollars for a thousand web searches.
 *
 * @param usd dollars
 * @param per for how many
 * @param minimum how many are charged at least
 */
record UnitRate(BigDecimal usd, BigDecimal per, BigDecimal minimum) {

  /** The unit of which every call has one, without its usage telling. */
  static final String REQUESTS = "requests";

  /** How many of this many are charged. */
  BigDecimal charged(BigDecimal count) {
    return count.max(minimum);
  }

  /**
   * The price of this many; to 34 digits where the quotient has no end, as for seconds at a price
   * an hour.
   */
  Cost times(BigDecimal count) {
    return Cost.usd(usd.multiply(charged(count)).divide(per, MathContext.DECIMAL128));
  }

  /** Such as {@code 10 per 1000}. */
  @Override
  public String toString() {
    return usd.toPlainString() + " per " + per.toPlainString();
  }
}
