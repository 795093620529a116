package dev.agentops.cost;

import dev.agentops.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The prices of models. Immutable, hence thread-safe.
 *
 * <p>An unknown model, a service tier without prices, and a unit without a fee are unpriced, never
 * zero and never guessed. A part of the tokens for which a model has no rate (cached tokens of one
 * without a cache price, audio tokens of one without an audio price) costs what the whole costs
 * that it is a part of, input or output, as providers bill that list no other rate; {@link
 * PriceQuote#assumptions()} names it, and the price is {@linkplain PriceQuote#estimated()
 * estimated}.
 *
 * <p>A model is found by its own name, in the catalogue its id or one of its other names; else by
 * the catalogue's patterns; else, where its name ends with a date or a version, is a fine-tuned
 * model's or that of a regional profile, by the name without it; else at the providers whose prices
 * the named one charges, as Azure those of OpenAI. Without a provider, the one whose family the
 * name belongs to is asked: {@code gpt-4} is OpenAI's. {@link #explain(PriceQuery)} tells which it
 * was.
 */
public final class PriceCatalog implements PriceSource {

  private static final String BUNDLED = "prices.json";

  private final String version;
  private final PriceLayer prices;
  private final LookupCache lookups;

  PriceCatalog(String version, PriceLayer prices) {
    this.version = version;
    this.prices = prices;
    this.lookups = new LookupCache(prices);
  }

  /**
   * The catalogue in this jar; {@link #version()} says of when it is.
   *
   * <p>A price that only one of its two sources lists, such as those of DashScope, holds only for
   * the day on which it was seen: on any other the model is unpriced, and {@link
   * PriceQuote#reason()} says when it was last confirmed. Whoever accepts such prices as they are
   * {@linkplain #load loads} the list itself, and {@linkplain #layered layers} it over this one or
   * {@linkplain #overrides overrides} a model.
   */
  public static PriceCatalog bundled() {
    return Bundled.CATALOG;
  }

  /**
   * Reads a catalogue in the format of this project, the providers' JSON of genai-prices, or
   * LiteLLM's list of models.
   *
   * @throws IOException if the file cannot be read, or is a directory
   * @throws IllegalArgumentException if it is malformed or of another format; the message names the
   *     file, the place and the value, and the line where it is in the format of this project
   */
  public static PriceCatalog load(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "a directory and no price file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return PriceFile.read(in, String.valueOf(file.getFileName()));
    }
  }

  /**
   * Several catalogues as one: the first that knows a model has its price, also where it has none
   * for the day, the tier or a part of the usage.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PriceCatalog layered(List<PriceCatalog> layers) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers must not be empty: " + layers);
    }
    return new PriceCatalog(
        String.join(" over ", layers.stream().map(PriceCatalog::version).toList()),
        new LayeredPrices(layers.stream().map(layer -> layer.prices).toList()));
  }

  /**
   * This catalogue with prices of one's own in place of its.
   *
   * @throws IllegalArgumentException if there is none
   */
  public PriceCatalog overrides(List<ModelPriceOverride> overrides) {
    if (overrides.isEmpty()) {
      throw new IllegalArgumentException("overrides must not be empty: " + overrides);
    }
    String content = overrides.toString();
    return new PriceCatalog(
        "own prices #"
            + ContentHash.of(content.getBytes(StandardCharsets.UTF_8))
            + " over "
            + version,
        new OverriddenPrices(prices, overrides));
  }

  /**
   * This catalogue with all prices of one provider, fees included, times a factor.
   *
   * @param provider the one that is asked, by its name in the catalogue or in OpenTelemetry
   * @param factor such as {@code 0.85} for a discount of 15 %; more than 0 and at most 10
   * @throws IllegalArgumentException if the factor is out of its range, or the provider not known
   */
  public PriceCatalog discounted(String provider, BigDecimal factor) {
    if (factor.signum() <= 0
        || factor.compareTo(BigDecimal.TEN) > 0
        || !Rate.plausible(factor)) { // no more digits than a price
      throw new IllegalArgumentException("factor must be more than 0 and at most 10: " + factor);
    }
    String id = prices.providerId(provider, "");
    if (id == null) {
      throw new IllegalArgumentException("no provider '" + provider + "' in " + version);
    }
    return new PriceCatalog(
        id + " x " + factor.stripTrailingZeros().toPlainString() + " over " + version,
        new DiscountedPrices(prices, id, factor));
  }

  /**
   * Where the prices are from and of when, in one line; names all layers. It ends with a part of
   * the content's hash, so that two files never share a version.
   */
  public String version() {
    return version;
  }

  /** This catalogue itself. */
  @Override
  public PriceCatalog catalog() {
    return this;
  }

  /**
   * The price, or empty where it is not known; {@link #quote(PriceQuery)} tells whether it rests on
   * an assumption.
   */
  public Optional<Cost> cost(PriceQuery query) {
    ModelMatch match = lookups.get(query.provider(), query.model()).match();
    Tariff tariff = match == null ? null : match.price().tariff(query);
    if (match == null || tariff == null) {
      return Optional.empty();
    }
    Sum sum = new Sum();
    tariff.apply(query.usage(), sum);
    return Optional.ofNullable(sum.total(tariff.factor(), match.discount()));
  }

  /**
   * The price, or why there is none; where the usage has gaps, also the least and the most that it
   * can be:
   *
   * <ul>
   *   <li>{@link dev.agentops.UsageGap#CACHE_READS}: between none and all of the input that is not
   *       told to be something else was read from the cache
   *   <li>{@link dev.agentops.UsageGap#CACHE_WRITES}: between none and all of it was written, for
   *       either time to live; so were the tokens that are told to be written
   *   <li>{@link dev.agentops.UsageGap#CACHE_WRITE_LIFETIMES}: between none and all of what was
   *       written is kept for an hour; the price itself is that of the shorter time
   *   <li>{@link dev.agentops.UsageGap#MODALITIES}: between none and all of the text may be audio
   *       or images
   *   <li>{@link dev.agentops.UsageGap#INPUT}, {@link dev.agentops.UsageGap#OUTPUT}: as counted;
   *       where the query tells {@link PriceQuery#maximumOutputTokens()}, so many may have been
   *       generated, as output or reasoning
   * </ul>
   *
   * <p>What the usage tells stays true, what it does not tell is of no kind without a rate, and the
   * size of the request is as told. Cache reads that are told and have no rate cost nothing in the
   * least, and what their whole costs in the most.
   */
  public PriceQuote quote(PriceQuery query) {
    return quoting(query).quote();
  }

  /** How the price came about: which entry, which rule, which rates; or what is missing. */
  public PriceExplanation explain(PriceQuery query) {
    return quoting(query).explain();
  }

  @Override
  public String toString() {
    return "PriceCatalog{" + version + '}';
  }

  /** The price of a model, or null where it is not in the catalogue. */
  @Nullable ModelPrice find(@Nullable String provider, String model) {
    ModelMatch match = lookups.get(provider, model).match();
    return match == null ? null : match.price();
  }

  /**
   * The known names that look most like this one, at most three, the nearest first; none where it
   * is known.
   */
  List<String> nearest(@Nullable String provider, String model) {
    return lookups.get(provider, model).nearest();
  }

  private Quoting quoting(PriceQuery query) {
    return new Quoting(version, query, lookups.get(query.provider(), query.model()));
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
