package dev.agentops.cost;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The price that a catalogue has for a model, and why it is this one.
 *
 * @param provider how the provider was found
 * @param model how the model was found
 * @param discount by which the whole price is multiplied; null for none
 */
record ModelMatch(ModelPrice price, String provider, String model, @Nullable BigDecimal discount) {

  /** This match, at a part of the price. */
  ModelMatch times(BigDecimal factor) {
    return new ModelMatch(
        price, provider, model, discount == null ? factor : discount.multiply(factor));
  }
}
