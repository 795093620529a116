package dev.agentops.cost;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a catalogue knows of a model's name. Thread-safe. */
final class ModelLookup {

  private final PriceLayer prices;
  private final @Nullable String provider;
  private final String model;
  private final @Nullable ModelMatch match;
  private final List<String> nearest;

  /** Null until it is asked for; empty where there is none. */
  private volatile @Nullable String otherProvider;

  private ModelLookup(
      PriceLayer prices, @Nullable String provider, String model, @Nullable ModelMatch match) {
    this.prices = prices;
    this.provider = provider;
    this.model = model;
    this.match = match;
    this.nearest = match == null ? new SuggestedNames(prices, provider, model) : List.of();
  }

  static ModelLookup of(PriceLayer prices, @Nullable String provider, String model) {
    return new ModelLookup(prices, provider, model, prices.find(provider, model));
  }

  /** The price; null where the catalogue does not know the model. */
  @Nullable ModelMatch match() {
    return match;
  }

  /**
   * Known names that look like one that is not known; empty where it is known. Looked for when the
   * list is first read.
   */
  List<String> nearest() {
    return nearest;
  }

  /** Another provider, which lists the model and would be asked if none were named; else null. */
  @Nullable String otherProvider() {
    String other = otherProvider;
    if (other == null) { // two threads may both look: they find the same
      other = findOtherProvider();
      otherProvider = other;
    }
    return other.isEmpty() ? null : other;
  }

  private String findOtherProvider() {
    String other = prices.providerId(null, model);
    return other == null
            || other.equals(prices.providerId(provider, model))
            || prices.find(null, model) == null
        ? ""
        : other;
  }
}
