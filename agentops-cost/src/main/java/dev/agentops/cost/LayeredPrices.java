package dev.agentops.cost;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The first layer that knows a model has its price. */
record LayeredPrices(List<PriceLayer> layers) implements PriceLayer {

  @Override
  public @Nullable ModelMatch find(@Nullable String provider, String model) {
    for (PriceLayer layer : layers) {
      ModelMatch match = layer.find(provider, model);
      if (match != null) {
        return match;
      }
    }
    return null;
  }

  @Override
  public @Nullable String providerId(@Nullable String provider, String model) {
    return layers.stream()
        .map(layer -> layer.providerId(provider, model))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  @Override
  public Stream<String> names(@Nullable String provider, String model) {
    return layers.stream().flatMap(layer -> layer.names(provider, model));
  }
}
