package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The price of one model: rules, of which the last that holds applies to the whole request.
 *
 * @param id the model's name in the catalogue
 */
record ModelPrice(String id, List<PriceRule> rules) {

  ModelPrice {
    rules = List.copyOf(rules);
  }

  /** The exact price, or null where no rule holds or the one that holds lacks a rate. */
  @Nullable Cost cost(Usage usage, Instant at) {
    for (int i = rules.size() - 1; i >= 0; i--) {
      if (rules.get(i).holds(at, usage.inputTokens())) {
        return rules.get(i).rates().cost(usage);
      }
    }
    return null;
  }
}
