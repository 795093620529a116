package dev.agentops.cost;

import dev.agentops.Clock;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to be priced. Immutable, hence thread-safe. */
public final class PriceQuery {

  /** The word for the tier and the speed that are served where none is asked for. */
  static final String STANDARD = "standard";

  private static final Set<String> STANDARD_WORDS =
      Set.of("", STANDARD, "default", "auto", "on_demand");

  private final @Nullable String provider;
  private final String model;
  private final Usage usage;
  private final Instant at;
  private final @Nullable String serviceTier;
  private final @Nullable String region;
  private final @Nullable String speed;
  private final Set<UsageGap> gaps;
  private final long maximumOutputTokens;
  private final String tierWord;
  private final String regionWord;
  private final String speedWord;

  private PriceQuery(Builder from, String model, Usage usage) {
    this.provider = from.provider;
    this.model = model;
    this.usage = usage;
    this.at = from.at == null ? Clock.system().now() : from.at;
    this.serviceTier = from.serviceTier;
    this.region = from.region;
    this.speed = from.speed;
    this.gaps = from.gaps;
    this.maximumOutputTokens = from.maximumOutputTokens;
    this.tierWord = standardised(serviceTier);
    this.regionWord = word(region);
    this.speedWord = standardised(speed);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The provider, by its name in the catalogue or in OpenTelemetry; null where it is not known. */
  public @Nullable String provider() {
    return provider;
  }

  /** The model, as the provider or the application names it. */
  public String model() {
    return model;
  }

  public Usage usage() {
    return usage;
  }

  /** When the call was made: prices change. */
  public Instant at() {
    return at;
  }

  /** The tier that served the request, such as {@code batch}; null for the standard one. */
  public @Nullable String serviceTier() {
    return serviceTier;
  }

  /** Where it was served, such as {@code eu}; null where the price does not depend on it. */
  public @Nullable String region() {
    return region;
  }

  /** The speed that was paid for, such as {@code fast}; null for the standard one. */
  public @Nullable String speed() {
    return speed;
  }

  /** What the usage leaves out; empty where it is complete. */
  public Set<UsageGap> gaps() {
    return gaps;
  }

  /**
   * The most output tokens that the request allowed; 0 where that is not told. It bounds the price
   * where the usage leaves out {@link UsageGap#OUTPUT}.
   */
  public long maximumOutputTokens() {
    return maximumOutputTokens;
  }

  /** The tier as conditions name it. */
  String tierWord() {
    return tierWord;
  }

  /** The region as conditions name it; empty where it is not told. */
  String regionWord() {
    return regionWord;
  }

  /** The speed as conditions name it. */
  String speedWord() {
    return speedWord;
  }

  /** Whether it was served in the standard tier and at the standard speed. */
  boolean standard() {
    return tierWord.equals(STANDARD) && speedWord.equals(STANDARD);
  }

  /** A word as conditions name it: without blanks around, in lower case. */
  static String word(@Nullable String text) {
    return text == null ? "" : ModelPattern.normalise(text);
  }

  /** A word as conditions name it; one for all that mean the standard tier or speed. */
  static String standardised(@Nullable String text) {
    String word = word(text);
    return STANDARD_WORDS.contains(word) ? STANDARD : word;
  }

  @Override
  public String toString() {
    return "PriceQuery{"
        + provider
        + '/'
        + model
        + ", "
        + usage
        + ", at "
        + at
        + ", tier "
        + serviceTier
        + (region == null ? "" : ", region " + region)
        + (speed == null ? "" : ", speed " + speed)
        + (gaps.isEmpty() ? "" : ", without " + gaps)
        + '}';
  }

  /** Collects a query. Not thread-safe. */
  public static final class Builder {

    private @Nullable String provider;
    private @Nullable String model;
    private @Nullable Usage usage;
    private @Nullable Instant at;
    private @Nullable String serviceTier;
    private @Nullable String region;
    private @Nullable String speed;
    private Set<UsageGap> gaps = Set.of();
    private long maximumOutputTokens;

    private Builder() {}

    /** Null, empty and {@code unknown} leave it to the model's name. */
    public Builder provider(@Nullable String provider) {
      this.provider = provider;
      return this;
    }

    public Builder model(String model) {
      this.model = Objects.requireNonNull(model, "model");
      return this;
    }

    public Builder usage(Usage usage) {
      this.usage = Objects.requireNonNull(usage, "usage");
      return this;
    }

    /** Now, unless said. */
    public Builder at(Instant at) {
      this.at = Objects.requireNonNull(at, "at");
      return this;
    }

    /**
     * Null, empty, {@code standard}, {@code default}, {@code auto} and {@code on_demand} are the
     * standard tier.
     */
    public Builder serviceTier(@Nullable String serviceTier) {
      this.serviceTier = serviceTier;
      return this;
    }

    /** Null and empty are wherever the provider serves by default. */
    public Builder region(@Nullable String region) {
      this.region = region;
      return this;
    }

    /** Null, empty, {@code standard} and {@code default} are the standard speed. */
    public Builder speed(@Nullable String speed) {
      this.speed = speed;
      return this;
    }

    /** What the usage leaves out: then the price is an interval. */
    public Builder gaps(Set<UsageGap> gaps) {
      this.gaps = Set.copyOf(gaps);
      return this;
    }

    /**
     * The most output tokens that the request allowed: where they were only counted from what was
     * delivered, so many may have been generated. 0, the default, is not told.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maximumOutputTokens(long tokens) {
      if (tokens < 0) {
        throw new IllegalArgumentException("maximumOutputTokens must not be negative: " + tokens);
      }
      this.maximumOutputTokens = tokens;
      return this;
    }

    /** All that a provider told of a call: usage, tier, region, speed, and what it left out. */
    public Builder report(UsageReport report) {
      return usage(report.usage())
          .serviceTier(report.serviceTier())
          .region(report.region())
          .speed(report.speed())
          .gaps(report.gaps());
    }

    /**
     * Checks that a model and a usage are told.
     *
     * @throws IllegalArgumentException if one is missing
     */
    public PriceQuery build() {
      if (model == null || usage == null) {
        throw new IllegalArgumentException(
            "a price needs a model and a usage: model " + model + ", usage " + usage);
      }
      return new PriceQuery(this, model, usage);
    }
  }
}
