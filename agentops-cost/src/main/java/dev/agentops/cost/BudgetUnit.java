package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The smallest part of a dollar that a budget counts in a {@code long}; what is smaller is rounded
 * up.
 */
enum BudgetUnit {
  /** 10<sup>-12</sup>, the unit of {@link Cost}: exact for budgets up to four million dollars. */
  PICO(12),
  /** 10<sup>-9</sup>, for budgets up to four billion dollars. */
  NANO(9);

  /** As an amount or a limit: the sum of two of them, and of what runs, still fits. */
  static final long MOST = 4_000_000_000_000_000_000L;

  private static final long PICOS_PER_NANO = 1_000;

  private final int digits;

  BudgetUnit(int digits) {
    this.digits = digits;
  }

  /**
   * The smallest unit in which a limit can be counted.
   *
   * @throws IllegalArgumentException if it is beyond the largest of them
   */
  static BudgetUnit of(Cost limit) {
    for (BudgetUnit unit : values()) {
      if (limit.compareTo(unit.cost(MOST)) <= 0) {
        return unit;
      }
    }
    throw new IllegalArgumentException(
        "the limit of a budget can be at most " + NANO.cost(MOST) + ": " + limit);
  }

  /** An amount, rounded up; at most {@link #MOST} either way. */
  long count(Cost cost) {
    long picos = cost.picoUsd();
    if (this == NANO) {
      picos =
          Math.abs(picos) == Long.MAX_VALUE
              ? cost.usd()
                  .movePointRight(digits)
                  .setScale(0, RoundingMode.CEILING)
                  .min(BigDecimal.valueOf(MOST))
                  .max(BigDecimal.valueOf(-MOST))
                  .longValueExact()
              : -Math.floorDiv(-picos, PICOS_PER_NANO);
    }
    return Math.max(-MOST, Math.min(MOST, picos));
  }

  Cost cost(long count) {
    return this == PICO ? Cost.ofPicoUsd(count) : Cost.usd(BigDecimal.valueOf(count, digits));
  }
}
