package dev.agentops.cost;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Rates, or a factor on rates, and when they hold.
 *
 * @param marginal whether the rates are only those of the tokens beyond {@link
 *     Conditions#inputAbove()}, each kind by its own count
 * @param rates null where the rule is a factor
 * @param factor by which all token rates are multiplied; null where the rule has rates
 */
record PriceRule(
    Conditions conditions, boolean marginal, @Nullable Rates rates, @Nullable BigDecimal factor) {

  boolean holds(PriceQuery query) {
    return marginal ? conditions.holdForAnySize(query) : conditions.hold(query);
  }
}
