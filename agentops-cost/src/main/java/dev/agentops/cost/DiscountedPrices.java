package dev.agentops.cost;

import java.math.BigDecimal;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prices of which one provider asks only a part.
 *
 * @param providerId the provider that is asked, whoever lists the model
 */
record DiscountedPrices(PriceLayer base, String providerId, BigDecimal factor)
    implements PriceLayer {

  @Override
  public @Nullable ModelMatch find(@Nullable String provider, String model) {
    ModelMatch match = base.find(provider, model);
    boolean discounted = providerId.equals(base.providerId(provider, model));
    return match == null || !discounted ? match : match.times(factor);
  }

  @Override
  public @Nullable String providerId(@Nullable String provider, String model) {
    return base.providerId(provider, model);
  }

  @Override
  public Stream<String> names(@Nullable String provider, String model) {
    return base.names(provider, model);
  }
}
