package dev.agentops.cost;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The prices of one file. */
final class PriceBook implements PriceLayer {

  private final Map<String, ProviderPrices> providers = new LinkedHashMap<>();
  private final Map<String, ProviderPrices> byName = new HashMap<>();

  PriceBook(List<ProviderPrices> providers) {
    for (ProviderPrices provider : providers) {
      this.providers.put(provider.id(), provider);
      for (ModelPattern name : provider.names()) {
        if (name.exact()) {
          byName.putIfAbsent(name.text(), provider);
        }
      }
    }
    providers.forEach(provider -> byName.put(ModelPattern.normalise(provider.id()), provider));
  }

  @Override
  public @Nullable ModelMatch find(@Nullable String providerName, String modelName) {
    String model = ModelPattern.normalise(modelName);
    Provider provider = provider(providerName, model);
    if (provider == null) {
      return null;
    }
    ModelMatch match = find(provider, model, "");
    return match != null ? match : findWithoutVendor(provider, model);
  }

  @Override
  public @Nullable String providerId(@Nullable String providerName, String modelName) {
    Provider provider = provider(providerName, ModelPattern.normalise(modelName));
    return provider == null ? null : provider.prices.id();
  }

  @Override
  public Stream<String> names(@Nullable String providerName, String modelName) {
    Provider provider = provider(providerName, ModelPattern.normalise(modelName));
    return (provider == null ? providers.values().stream() : Stream.of(provider.prices))
        .flatMap(ProviderPrices::modelNames);
  }

  /** The model {@code openai/gpt-5} of OpenAI is its {@code gpt-5}. */
  private @Nullable ModelMatch findWithoutVendor(Provider provider, String model) {
    int slash = model.indexOf('/');
    boolean own = slash > 0 && named(model.substring(0, slash)) == provider.prices;
    return own ? find(provider, model.substring(slash + 1), "vendor prefix removed, ") : null;
  }

  private @Nullable ModelMatch find(Provider provider, String model, String how) {
    ProviderPrices.Found found = provider.prices.find(model);
    if (found != null) {
      return new ModelMatch(found.price(), provider.how, how + found.how(), null);
    }
    for (String fallback : provider.prices.fallbacks()) {
      ProviderPrices other = providers.get(fallback);
      ProviderPrices.Found foundThere = other == null ? null : other.find(model);
      if (foundThere != null) {
        String there = how + "listed by fallback provider " + fallback + ", ";
        return new ModelMatch(
            foundThere.price().standard(), provider.how, there + foundThere.how(), null);
      }
    }
    return null;
  }

  private @Nullable Provider provider(@Nullable String name, String model) {
    String wanted = name == null ? "" : ModelPattern.normalise(name);
    if (wanted.isEmpty() || wanted.equals(UsageRecord.UNKNOWN)) {
      return providerOf(model);
    }
    ProviderPrices named = named(wanted);
    return named == null ? null : new Provider(named, "named " + PrintedText.quoted(name));
  }

  private @Nullable Provider providerOf(String model) {
    ProviderPrices claiming = first(provider -> provider.claims(model));
    if (claiming != null) {
      return new Provider(claiming, "not named, but such models are its own");
    }
    int slash = model.indexOf('/');
    ProviderPrices prefix = slash < 0 ? null : byName.get(model.substring(0, slash));
    return prefix == null ? null : new Provider(prefix, "not named, but the model's prefix");
  }

  private @Nullable ProviderPrices named(String name) {
    ProviderPrices named = byName.get(name);
    return named != null
        ? named
        : first(provider -> provider.names().stream().anyMatch(pattern -> pattern.matches(name)));
  }

  private @Nullable ProviderPrices first(Predicate<ProviderPrices> test) {
    for (ProviderPrices provider : providers.values()) {
      if (test.test(provider)) {
        return provider;
      }
    }
    return null;
  }

  /**
   * A provider.
   *
   * @param how it was found
   */
  private record Provider(ProviderPrices prices, String how) {}
}
