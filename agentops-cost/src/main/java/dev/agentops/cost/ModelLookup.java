package dev.agentops.cost;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a catalogue knows of a model's name.
 *
 * @param match null where it does not know the model
 * @param nearest known names that look like one that is not known; empty where it is known
 */
record ModelLookup(@Nullable ModelMatch match, List<String> nearest) {

  static ModelLookup of(PriceLayer prices, @Nullable String provider, String model) {
    ModelMatch match = prices.find(provider, model);
    return new ModelLookup(
        match, match == null ? NearestNames.of(model, prices.names(provider, model)) : List.of());
  }
}
