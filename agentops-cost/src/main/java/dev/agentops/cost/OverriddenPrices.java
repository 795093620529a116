package dev.agentops.cost;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Own prices of some models, over others.
 *
 * <p>An own price is that of the name that it was made for and, where that is the id of an entry of
 * the base, of all that the base finds there; of a model that the base does not know, also of other
 * {@linkplain ModelNames names} for it.
 */
final class OverriddenPrices implements PriceLayer {

  private final PriceLayer base;
  private final Map<String, Map<String, ModelPrice>> byProvider = new HashMap<>();

  OverriddenPrices(PriceLayer base, List<ModelPriceOverride> overrides) {
    this.base = base;
    Map<String, Map<String, List<ModelPriceOverride>>> grouped = new LinkedHashMap<>();
    for (ModelPriceOverride override : overrides) {
      grouped
          .computeIfAbsent(idOf(override.provider(), override.model()), any -> new HashMap<>())
          .computeIfAbsent(ModelPattern.normalise(override.model()), any -> new ArrayList<>())
          .add(override);
    }
    grouped.forEach(
        (provider, models) -> {
          Map<String, ModelPrice> prices = new HashMap<>();
          models.forEach((model, rules) -> prices.put(model, price(provider, rules)));
          byProvider.put(provider, prices);
        });
  }

  private static ModelPrice price(String provider, List<ModelPriceOverride> rules) {
    return new ModelPrice(
        provider,
        rules.get(0).model(),
        "own price",
        rules.stream().map(ModelPriceOverride::rule).toList());
  }

  @Override
  public @Nullable ModelMatch find(@Nullable String provider, String model) {
    ModelMatch listed = base.find(provider, model);
    Map<String, ModelPrice> own = byProvider.get(idOf(provider, model));
    if (own == null) {
      return listed;
    }
    ModelPrice price = own.get(ModelPattern.normalise(model));
    if (price != null) {
      String how = listed == null ? "named " + PrintedText.quoted(provider) : listed.provider();
      return new ModelMatch(price, how, "own price", null);
    }
    if (listed == null) {
      return findLike(own, provider, model);
    }
    ModelPrice entry = own.get(ModelPattern.normalise(listed.price().id()));
    return entry == null
        ? listed
        : new ModelMatch(entry, listed.provider(), listed.model() + ", own price", null);
  }

  private static @Nullable ModelMatch findLike(
      Map<String, ModelPrice> own, @Nullable String provider, String model) {
    for (Map.Entry<String, String> name : ModelNames.of(ModelPattern.normalise(model)).entrySet()) {
      ModelPrice price = own.get(name.getKey());
      if (price != null) {
        return new ModelMatch(
            price, "named " + PrintedText.quoted(provider), name.getValue() + ", own price", null);
      }
    }
    return null;
  }

  @Override
  public @Nullable String providerId(@Nullable String provider, String model) {
    String id = base.providerId(provider, model);
    String named = idOf(provider, model);
    return id == null && byProvider.containsKey(named) ? named : id;
  }

  @Override
  public Stream<String> names(@Nullable String provider, String model) {
    return Stream.concat(
        byProvider.getOrDefault(idOf(provider, model), Map.of()).keySet().stream(),
        base.names(provider, model));
  }

  private String idOf(@Nullable String provider, String model) {
    String id = base.providerId(provider, model);
    return id != null ? id : PriceQuery.word(provider);
  }
}
