package dev.agentops.cost;

import dev.agentops.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The prices of models. Immutable, hence thread-safe.
 *
 * <p>A price is exact or absent: an unknown model, a service tier without prices, and a part of the
 * usage without a rate (audio tokens of a model without an audio price, cached tokens of one
 * without a cache price) are all unpriced, never zero and never guessed.
 *
 * <p>A model is found by its own name; else by the catalogue's patterns; else, where its name ends
 * with a date, by the name without it; else at the providers whose prices the named one charges, as
 * Azure those of OpenAI. Without a provider, the one whose family the name belongs to is asked:
 * {@code gpt-4} is OpenAI's.
 */
public final class PriceCatalog {

  private static final String BUNDLED = "prices.json";

  private final String version;
  private final Map<String, ProviderPrices> providers = new LinkedHashMap<>();
  private final Map<String, ProviderPrices> providersByName = new HashMap<>();

  PriceCatalog(String version, List<ProviderPrices> providers) {
    this.version = version;
    for (ProviderPrices provider : providers) {
      this.providers.put(provider.id(), provider);
    }
    for (ProviderPrices provider : providers) {
      provider.names().stream()
          .filter(ModelPattern::exact)
          .forEach(name -> providersByName.putIfAbsent(name.text(), provider));
    }
    providersByName.putAll(this.providers);
  }

  /** The catalogue in this jar; {@link #version()} says of when it is. */
  public static PriceCatalog bundled() {
    return Bundled.CATALOG;
  }

  /**
   * Reads a catalogue in the format of this project, or the providers' JSON of genai-prices.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is malformed or of another format; the message names the
   *     file and the place
   */
  public static PriceCatalog load(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return PriceFile.read(in, String.valueOf(file.getFileName()));
    }
  }

  /** Where the prices are from and of when, in one line. */
  public String version() {
    return version;
  }

  /** The exact price, or empty where it is not known. */
  public Optional<Cost> cost(PriceQuery query) {
    if (!standard(query.serviceTier())) {
      return Optional.empty();
    }
    ModelPrice price = find(query.provider(), query.model());
    return price == null
        ? Optional.empty()
        : Optional.ofNullable(price.cost(query.usage(), query.at()));
  }

  /** The price of a model, or null where it is not in the catalogue. */
  @Nullable ModelPrice find(@Nullable String providerName, String modelName) {
    String model = ModelPattern.normalise(modelName);
    ProviderPrices provider = provider(providerName, model);
    if (provider == null) {
      return null;
    }
    ModelPrice found = provider.find(model);
    for (String fallback : provider.fallbacks()) {
      ProviderPrices other = providers.get(fallback);
      if (found == null && other != null) {
        found = other.find(model);
      }
    }
    return found;
  }

  /** The known names that look most like this one, at most three, the nearest first. */
  List<String> nearest(@Nullable String providerName, String modelName) {
    String model = ModelPattern.normalise(modelName);
    ProviderPrices provider = provider(providerName, model);
    Stream<String> names =
        (provider == null ? providers.values().stream() : Stream.of(provider))
            .flatMap(each -> each.modelNames().stream());
    return names
        .distinct()
        .sorted(
            Comparator.<String>comparingInt(name -> EditDistance.between(name, model))
                .thenComparing(Comparator.naturalOrder()))
        .limit(3)
        .toList();
  }

  private @Nullable ProviderPrices provider(@Nullable String name, String model) {
    String wanted = name == null ? "" : ModelPattern.normalise(name);
    if (wanted.isEmpty() || wanted.equals(UsageRecord.UNKNOWN)) {
      return first(provider -> provider.claims(model));
    }
    ProviderPrices named = providersByName.get(wanted);
    return named != null
        ? named
        : first(provider -> provider.names().stream().anyMatch(pattern -> pattern.matches(wanted)));
  }

  private @Nullable ProviderPrices first(Predicate<ProviderPrices> test) {
    for (ProviderPrices provider : providers.values()) {
      if (test.test(provider)) {
        return provider;
      }
    }
    return null;
  }

  private static boolean standard(@Nullable String serviceTier) {
    return serviceTier == null
        || serviceTier.isBlank()
        || serviceTier.equalsIgnoreCase("standard")
        || serviceTier.equalsIgnoreCase("default");
  }

  /** Reads the resource when it is first asked for. */
  private static final class Bundled {

    static final PriceCatalog CATALOG = read();

    private static PriceCatalog read() {
      try (InputStream in = PriceCatalog.class.getResourceAsStream(BUNDLED)) {
        if (in == null) {
          throw new IllegalStateException(BUNDLED + " is missing from the jar of agentops-cost");
        }
        return PriceFile.read(in, BUNDLED);
      } catch (IOException e) {
        throw new IllegalStateException(
            "cannot read " + BUNDLED + " in the jar of agentops-cost", e);
      }
    }
  }
}
