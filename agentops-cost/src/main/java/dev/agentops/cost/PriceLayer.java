package dev.agentops.cost;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds prices by name. Immutable. */
interface PriceLayer {

  /** The price of a model, or null where there is none. */
  @Nullable ModelMatch find(@Nullable String provider, String model);

  /** The id of the provider that is meant, or null where there is none. */
  @Nullable String providerId(@Nullable String provider, String model);

  /** The names of models that may be meant: those of the provider, or all. */
  Stream<String> names(@Nullable String provider, String model);
}
