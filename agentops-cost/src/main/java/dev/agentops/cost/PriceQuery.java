package dev.agentops.cost;

import dev.agentops.Clock;
import dev.agentops.Usage;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is to be priced. Immutable, hence thread-safe. */
public final class PriceQuery {

  private final @Nullable String provider;
  private final String model;
  private final Usage usage;
  private final Instant at;
  private final @Nullable String serviceTier;

  private PriceQuery(Builder from, String model, Usage usage) {
    this.provider = from.provider;
    this.model = model;
    this.usage = usage;
    this.at = from.at == null ? Clock.system().now() : from.at;
    this.serviceTier = from.serviceTier;
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
        + '}';
  }

  /** Collects a query. Not thread-safe. */
  public static final class Builder {

    private @Nullable String provider;
    private @Nullable String model;
    private @Nullable Usage usage;
    private @Nullable Instant at;
    private @Nullable String serviceTier;

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

    /** Null, empty, {@code standard} and {@code default} are the standard tier. */
    public Builder serviceTier(@Nullable String serviceTier) {
      this.serviceTier = serviceTier;
      return this;
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
