package dev.agentops.cost;

/** Where the prices of the moment are. Implementations are thread-safe. */
@FunctionalInterface
public interface PriceSource {

  /** The prices that hold now; cheap, and asked for each call. */
  PriceCatalog catalog();
}
