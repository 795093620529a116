package dev.agentops.cost;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A price of one's own for a model, such as a negotiated one; for {@link
 * PriceCatalog#overrides(java.util.List)}. Immutable, hence thread-safe.
 *
 * <p>Several for one model are its rules: the last whose conditions all hold applies. None of the
 * catalogue's prices for that model holds any longer: a kind of token without a rate here, and a
 * service tier without a price here, are unpriced.
 *
 * <pre>{@code
 * ModelPriceOverride.builder()
 *     .provider("openai")
 *     .model("gpt-5")
 *     .rate(TokenKind.INPUT, "1.10")
 *     .rate(TokenKind.CACHE_READ, "0.11")
 *     .rate(TokenKind.OUTPUT, "8.80")
 *     .unit("web_searches", "10", 1000)
 *     .build();
 * }</pre>
 */
public final class ModelPriceOverride {

  private final String provider;
  private final String model;
  private final PriceRule rule;
  private final String content;

  private ModelPriceOverride(Builder from, String provider, String model) {
    this.provider = provider;
    this.model = model;
    this.rule =
        new PriceRule(
            new Conditions(
                from.from,
                from.until,
                null,
                from.inputAbove,
                from.serviceTier,
                from.region,
                from.speed),
            false,
            new Rates(from.rates, from.units),
            null);
    this.content =
        provider + '/' + model + ' ' + rule.conditions() + ' ' + from.rates + ' ' + from.units;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The provider that is asked, by its name in the catalogue or in OpenTelemetry. */
  public String provider() {
    return provider;
  }

  public String model() {
    return model;
  }

  PriceRule rule() {
    return rule;
  }

  /** All that it says. */
  @Override
  public String toString() {
    return content;
  }

  /** Collects a price. Not thread-safe. */
  public static final class Builder {

    private @Nullable String provider;
    private @Nullable String model;
    private @Nullable Instant from;
    private @Nullable Instant until;
    private long inputAbove = -1;
    private @Nullable Set<String> serviceTier = Set.of(PriceQuery.STANDARD);
    private @Nullable Set<String> region;
    private @Nullable Set<String> speed = Set.of(PriceQuery.STANDARD);
    private final Map<TokenKind, Rate> rates = new EnumMap<>(TokenKind.class);
    private final Map<String, UnitRate> units = new TreeMap<>();

    private Builder() {}

    public Builder provider(String provider) {
      this.provider = Objects.requireNonNull(provider, "provider");
      return this;
    }

    /** The id of the model in the catalogue, for all its names, or just one name of it. */
    public Builder model(String model) {
      this.model = Objects.requireNonNull(model, "model");
      return this;
    }

    /**
     * What tokens of a kind cost.
     *
     * @param usdPerMillion dollars for a million, such as {@code "1.25"}
     * @throws IllegalArgumentException if it is not a decimal number, negative, or absurd: more
     *     than a million, or of more than 40 digits
     */
    public Builder rate(TokenKind kind, String usdPerMillion) {
      rates.put(kind, Rate.perMillion(decimal(kind.rateName(), usdPerMillion)));
      return this;
    }

    /**
     * What things that are not tokens cost; {@code requests} are the calls themselves.
     *
     * @param usd dollars, such as {@code "10"}
     * @param per for how many
     * @throws IllegalArgumentException if the price is not a decimal number, negative, or absurd,
     *     or {@code per} is not more than 0
     */
    public Builder unit(String name, String usd, long per) {
      if (per <= 0) {
        throw new IllegalArgumentException(name + " must be for more than 0: " + per);
      }
      units.put(name, new UnitRate(decimal(name, usd), BigDecimal.valueOf(per), BigDecimal.ZERO));
      return this;
    }

    /** The first moment at which the price holds; always, unless said. */
    public Builder from(Instant from) {
      this.from = Objects.requireNonNull(from, "from");
      return this;
    }

    /** The first moment at which the price no longer holds; never, unless said. */
    public Builder until(Instant until) {
      this.until = Objects.requireNonNull(until, "until");
      return this;
    }

    /** Holds only for requests of more input tokens than this, cached ones included. */
    public Builder inputAbove(long tokens) {
      if (tokens < 0) {
        throw new IllegalArgumentException("inputAbove must not be negative: " + tokens);
      }
      this.inputAbove = tokens;
      return this;
    }

    /**
     * The service tier for which it holds; only the standard one unless said, {@code *} for any.
     */
    public Builder serviceTier(String serviceTier) {
      this.serviceTier = any(PriceQuery.standardised(serviceTier));
      return this;
    }

    /** The region for which it holds; any unless said. */
    public Builder region(String region) {
      this.region = any(PriceQuery.word(region));
      return this;
    }

    /** The speed for which it holds; only the standard one unless said, {@code *} for any. */
    public Builder speed(String speed) {
      this.speed = any(PriceQuery.standardised(speed));
      return this;
    }

    /**
     * Checks that the price says for what.
     *
     * @throws IllegalArgumentException if the provider, the model or every rate is missing, or it
     *     ends before it begins
     */
    public ModelPriceOverride build() {
      if (provider == null || provider.isBlank() || model == null || model.isBlank()) {
        throw new IllegalArgumentException(
            "an own price needs a provider and a model: " + provider + "/" + model);
      }
      if (rates.isEmpty() && units.isEmpty()) {
        throw new IllegalArgumentException(
            "an own price needs a rate: " + provider + "/" + model + " has none");
      }
      if (from != null && until != null && !from.isBefore(until)) {
        throw new IllegalArgumentException("from is not before until: " + from + ", " + until);
      }
      return new ModelPriceOverride(this, provider, model);
    }

    private static @Nullable Set<String> any(String word) {
      return word.equals("*") ? null : Set.of(word);
    }

    private static BigDecimal decimal(String what, String text) {
      try {
        BigDecimal amount = new BigDecimal(text);
        if (Rate.plausible(amount)) {
          return amount;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(what + " is not a decimal number: '" + text + "'", e);
      }
      throw new IllegalArgumentException(
          what + " must be at least 0 and at most a million: " + text);
    }
  }
}
