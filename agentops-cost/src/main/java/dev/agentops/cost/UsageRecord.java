package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * What one call consumed and cost. Immutable.
 *
 * @param id unique
 * @param timestamp when it was recorded, which is when the call ended
 * @param provider as the caller named it; {@value #UNKNOWN} where it did not
 * @param model the model that was priced
 * @param usage what was consumed
 * @param attributes who called and why
 * @param cost the exact price of the usage; empty where it is not known, which is not zero
 * @param priceVersion the catalogue that was asked; what it said then stays with the record
 * @param estimated whether the usage was estimated, since the provider did not tell it, as after a
 *     cancelled stream
 */
public record UsageRecord(
    String id,
    Instant timestamp,
    String provider,
    String model,
    Usage usage,
    Attributes attributes,
    Optional<Cost> cost,
    String priceVersion,
    boolean estimated) {

  /** The provider or model of a call that did not name it. */
  public static final String UNKNOWN = "unknown";
}
