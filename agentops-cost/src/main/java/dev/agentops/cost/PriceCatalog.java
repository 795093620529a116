package dev.agentops.cost;

import dev.agentops.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
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
 * <p>A model is found by its own name, in the catalogue its id or one of its other names; else by
 * the catalogue's patterns; else, where its name ends with a date, by the name without it; else at
 * the providers whose prices the named one charges, as Azure those of OpenAI. Without a provider,
 * the one whose family the name belongs to is asked: {@code gpt-4} is OpenAI's.
 */
public final class PriceCatalog {

  private static final String BUNDLED = "prices.json";

  // a suggestion is made on the thread of a call
  private static final int LONGEST_NAME = 100;
  private static final int MOST_COMPARED = 5_000;
  private static final int SUGGESTIONS = 3;

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
    ModelPrice price = find(query.provider(), query.model());
    Tariff tariff = price == null ? null : price.tariff(query);
    if (tariff == null) {
      return Optional.empty();
    }
    Sum sum = new Sum();
    tariff.apply(query.usage(), sum);
    return Optional.ofNullable(sum.total(tariff.factor()));
  }

  /** The exact price, the interval where the usage leaves something out, or why there is none. */
  public PriceQuote quote(PriceQuery query) {
    ModelPrice price = find(query.provider(), query.model());
    if (price == null) {
      return new PriceQuote(
          PriceQuote.Status.UNKNOWN_MODEL,
          version,
          null,
          null,
          null,
          null,
          "no model '" + query.model() + "' of provider '" + query.provider() + "' in " + version,
          nearest(query.provider(), query.model()));
    }
    Cost cost = cost(query).orElse(null);
    return new PriceQuote(
        cost == null ? PriceQuote.Status.NO_RATE : PriceQuote.Status.PRICED,
        version,
        price.id(),
        cost,
        cost,
        cost,
        price.id(),
        List.of());
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

  /**
   * The known names that look most like this one, at most three, the nearest first; none where more
   * than half of the letters differ, and for a name so long that it is none.
   */
  List<String> nearest(@Nullable String providerName, String modelName) {
    if (modelName.length() > LONGEST_NAME) {
      return List.of();
    }
    String model = ModelPattern.normalise(modelName);
    ProviderPrices provider = provider(providerName, model);
    Iterator<String> names =
        (provider == null ? providers.values().stream() : Stream.of(provider))
            .flatMap(each -> each.modelNames().stream())
            .distinct()
            .limit(MOST_COMPARED)
            .iterator();
    TreeSet<Suggestion> best = new TreeSet<>(Suggestion.NEAREST_FIRST);
    int limit = model.length() / 2;
    while (names.hasNext()) {
      String name = names.next();
      int distance = EditDistance.between(name, model, limit);
      if (distance <= limit) {
        best.add(new Suggestion(name, distance));
      }
      if (best.size() > SUGGESTIONS) {
        best.pollLast();
        limit = best.last().distance; // what is further away need not be measured to the end
      }
    }
    return best.stream().map(Suggestion::name).toList();
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

  /** A known name, and how far it is from the one that was asked for. */
  private record Suggestion(String name, int distance) {

    static final Comparator<Suggestion> NEAREST_FIRST =
        Comparator.comparingInt(Suggestion::distance).thenComparing(Suggestion::name);
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
