package dev.agentops;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * An exact amount of money in US dollars. Immutable, hence thread-safe.
 *
 * <p>Equality is by amount: 0.5 equals 0.50. No operation rounds. Amounts that are a whole number
 * of pico-dollars (10<sup>-12</sup>) and fit a {@code long}, as token prices do, are added without
 * allocating decimals.
 */
public final class Cost implements Comparable<Cost> {

  /** Nothing. A price that is not known is not zero: it is an absent cost. */
  public static final Cost ZERO = new Cost(0, null);

  private static final int PICO_SCALE = 12;

  /** An amount of dollars has at most {@value} digits before its point, and as many behind it. */
  static final int MOST_DIGITS = 128;

  /** Of an amount that is refused, so much is quoted. */
  private static final MathContext SHOWN = new MathContext(20);

  private static final int LONGEST_TEXT = 4 * MOST_DIGITS;

  private final long picos;

  /**
   * The amount where pico-dollars in a {@code long} cannot hold it; else null. Never has trailing
   * zeros.
   */
  private final @Nullable BigDecimal exact;

  private Cost(long picos, @Nullable BigDecimal exact) {
    this.picos = picos;
    this.exact = exact;
  }

  /**
   * Parses a decimal amount of dollars, such as {@code "1.25"}.
   *
   * @throws IllegalArgumentException if it is not a decimal number, or has more than 128 digits
   *     before or behind its point
   */
  public static Cost usd(String amount) {
    if (amount.length() > LONGEST_TEXT) {
      throw new IllegalArgumentException(
          "not an amount of dollars: '" + amount.substring(0, MOST_DIGITS) + "...'");
    }
    try {
      return usd(new BigDecimal(amount));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not an amount of dollars: '" + amount + "'", e);
    }
  }

  /**
   * A decimal amount of dollars.
   *
   * @throws IllegalArgumentException if it has more than 128 digits before or behind its point: to
   *     add or to show such a number may take all memory
   */
  public static Cost usd(BigDecimal amount) {
    if (amount.signum() == 0) {
      return ZERO;
    }
    BigDecimal stripped = amount.stripTrailingZeros();
    long whole = (long) stripped.precision() - stripped.scale();
    if (whole > MOST_DIGITS || stripped.scale() > MOST_DIGITS) {
      throw new IllegalArgumentException(
          "an amount of dollars must not have more than "
              + MOST_DIGITS
              + " digits before or behind its point: "
              + stripped.round(SHOWN));
    }
    return of(stripped);
  }

  private static Cost of(BigDecimal amount) {
    if (amount.signum() == 0) {
      return ZERO;
    }
    BigDecimal stripped = amount.stripTrailingZeros();
    boolean whole = stripped.scale() <= PICO_SCALE;
    // 18 digits always fit a long
    if (whole && stripped.precision() - stripped.scale() + PICO_SCALE <= 18) {
      return new Cost(stripped.setScale(PICO_SCALE).unscaledValue().longValueExact(), null);
    }
    return new Cost(0, stripped);
  }

  /** An amount of whole pico-dollars: 1,000,000,000,000 are one dollar. */
  public static Cost ofPicoUsd(long picoUsd) {
    return picoUsd == 0 ? ZERO : new Cost(picoUsd, null);
  }

  /** The amount in dollars, without trailing zeros. */
  public BigDecimal usd() {
    if (exact != null) {
      return exact;
    }
    return picos == 0
        ? BigDecimal.ZERO
        : BigDecimal.valueOf(picos, PICO_SCALE).stripTrailingZeros();
  }

  /**
   * The amount in whole pico-dollars, rounded up: what does not fit a {@code long}, about nine
   * million dollars, is {@code Long.MAX_VALUE} or {@code -Long.MAX_VALUE}.
   */
  public long picoUsd() {
    if (exact == null) {
      return picos;
    }
    BigInteger whole =
        exact.movePointRight(PICO_SCALE).setScale(0, RoundingMode.CEILING).toBigInteger();
    if (whole.bitLength() < Long.SIZE) {
      return whole.longValueExact();
    }
    return whole.signum() > 0 ? Long.MAX_VALUE : -Long.MAX_VALUE;
  }

  public Cost plus(Cost other) {
    if (exact == null && other.exact == null) {
      long sum = picos + other.picos;
      boolean overflow = ((picos ^ sum) & (other.picos ^ sum)) < 0;
      if (!overflow) {
        return ofPicoUsd(sum);
      }
    }
    return of(usd().add(other.usd()));
  }

  public Cost minus(Cost other) {
    return plus(of(other.usd().negate()));
  }

  public Cost times(long factor) {
    return of(usd().multiply(BigDecimal.valueOf(factor)));
  }

  public boolean isZero() {
    return signum() == 0;
  }

  /** -1, 0 or 1 as the amount is below, at or above zero. */
  public int signum() {
    return exact != null ? exact.signum() : Long.signum(picos);
  }

  @Override
  public int compareTo(Cost other) {
    if (exact == null && other.exact == null) {
      return Long.compare(picos, other.picos);
    }
    return usd().compareTo(other.usd());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Cost that && compareTo(that) == 0;
  }

  @Override
  public int hashCode() {
    return usd().hashCode(); // stripped, so that equal amounts have one scale
  }

  /**
   * The exact amount with a dollar sign and at least two decimals, such as {@code $0.06} or {@code
   * -$1.50}.
   */
  @Override
  public String toString() {
    BigDecimal amount = usd().abs();
    BigDecimal shown = amount.scale() < 2 ? amount.setScale(2, RoundingMode.UNNECESSARY) : amount;
    return (signum() < 0 ? "-$" : "$") + shown.toPlainString();
  }
}
