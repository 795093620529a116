package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * An exact price of one token.
 *
 * @param picoUsd in pico-dollars, where that is a whole number
 * @param usd in dollars, where pico-dollars cannot hold it; else null
 */
record Rate(long picoUsd, @Nullable BigDecimal usd) implements Comparable<Rate> {

  /** No price is that high: a dollar for a token, a million for a page. */
  private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000);

  /** Far beyond any price, and before arithmetic gets slow. */
  private static final int MOST_DIGITS = 40;

  private static final int MILLION_DIGITS = 6;
  private static final int PICO_DIGITS = 12;

  /** Whether an amount, in dollars for however many, is neither negative nor absurd. */
  static boolean plausible(BigDecimal usd) {
    return usd.signum() >= 0
        && Math.abs((long) usd.scale()) <= MOST_DIGITS
        && usd.precision() <= MOST_DIGITS
        && usd.compareTo(MOST) <= 0;
  }

  /** The rate of a price list, which is told in dollars for a million tokens. */
  static Rate perMillion(BigDecimal usdPerMillion) {
    BigDecimal usd = usdPerMillion.movePointLeft(MILLION_DIGITS);
    BigDecimal picos = usd.movePointRight(PICO_DIGITS).stripTrailingZeros();
    boolean whole =
        picos.scale() <= 0
            && picos.precision() - picos.scale() <= 18; // 18 digits always fit a long
    return whole ? new Rate(picos.longValueExact(), null) : new Rate(0, usd);
  }

  /** The price of this many tokens. */
  Cost times(long tokens) {
    if (usd != null) {
      return Cost.usd(usd.multiply(BigDecimal.valueOf(tokens)));
    }
    long product = picoUsd * tokens;
    if (Math.multiplyHigh(picoUsd, tokens) == 0 && product >= 0) {
      return Cost.ofPicoUsd(product);
    }
    return Cost.ofPicoUsd(picoUsd).times(tokens);
  }

  @Override
  public int compareTo(Rate other) {
    return usd == null && other.usd == null
        ? Long.compare(picoUsd, other.picoUsd)
        : perToken().compareTo(other.perToken());
  }

  /** Dollars for a million tokens, such as {@code 2.5 per 1000000}. */
  @Override
  public String toString() {
    BigDecimal perMillion = perToken().movePointRight(MILLION_DIGITS).stripTrailingZeros();
    return perMillion.toPlainString() + " per 1000000";
  }

  private BigDecimal perToken() {
    return usd != null ? usd : BigDecimal.valueOf(picoUsd, PICO_DIGITS);
  }
}
