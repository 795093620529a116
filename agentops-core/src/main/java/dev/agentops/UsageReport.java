package dev.agentops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a provider told of one call: the usage, and everything else that decides what it costs.
 * Immutable, hence thread-safe.
 *
 * <p>One response may hold more than one model's work (a sub-call to an advisor, a fallback): each
 * is a report of its own in {@link #subCalls()}, and not counted in {@link #usage()}.
 */
public final class UsageReport {

  private final Usage usage;
  private final @Nullable String model;
  private final @Nullable String serviceTier;
  private final @Nullable String region;
  private final @Nullable String speed;
  private final @Nullable Cost reportedCost;
  private final Set<UsageGap> gaps;
  private final List<UsageReport> subCalls;

  private UsageReport(Builder from) {
    usage = from.usage;
    model = from.model;
    serviceTier = from.serviceTier;
    region = from.region;
    speed = from.speed;
    reportedCost = from.reportedCost;
    gaps = from.gaps.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(from.gaps));
    subCalls = List.copyOf(from.subCalls);
  }

  /** A report of nothing but a usage. */
  public static UsageReport of(Usage usage) {
    return builder().usage(usage).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What was consumed, without the {@link #subCalls()}. */
  public Usage usage() {
    return usage;
  }

  /** The model that answered, as the provider names it; null where it did not tell. */
  public @Nullable String model() {
    return model;
  }

  /**
   * The tier that served the call: {@code standard}, {@code batch}, {@code flex}, {@code priority},
   * or the provider's own word in lower case; null where it did not tell.
   */
  public @Nullable String serviceTier() {
    return serviceTier;
  }

  /**
   * Where the call was served, where that changes the price: {@code us}, {@code eu}, {@code
   * global}; null where the provider did not tell.
   */
  public @Nullable String region() {
    return region;
  }

  /** The speed that was paid for, such as {@code fast}; null where the provider did not tell. */
  public @Nullable String speed() {
    return speed;
  }

  /** What the provider says it charges, sub-calls included; null where it does not say. */
  public @Nullable Cost reportedCost() {
    return reportedCost;
  }

  /** What was left out, though it changes the price; empty where all was told. */
  public Set<UsageGap> gaps() {
    return gaps;
  }

  /** The work of other models inside this response; empty for most. */
  public List<UsageReport> subCalls() {
    return subCalls;
  }

  /** A builder that holds all of this report. */
  public Builder toBuilder() {
    Builder builder =
        builder()
            .usage(usage)
            .model(model)
            .serviceTier(serviceTier)
            .region(region)
            .speed(speed)
            .reportedCost(reportedCost);
    gaps.forEach(builder::gap);
    subCalls.forEach(builder::subCall);
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UsageReport that
        && usage.equals(that.usage)
        && Objects.equals(model, that.model)
        && Objects.equals(serviceTier, that.serviceTier)
        && Objects.equals(region, that.region)
        && Objects.equals(speed, that.speed)
        && Objects.equals(reportedCost, that.reportedCost)
        && gaps.equals(that.gaps)
        && subCalls.equals(that.subCalls);
  }

  @Override
  public int hashCode() {
    return Objects.hash(usage, model, serviceTier, region, speed, reportedCost, gaps, subCalls);
  }

  @Override
  public String toString() {
    return "UsageReport{"
        + usage
        + (model == null ? "" : ", model=" + model)
        + (serviceTier == null ? "" : ", tier=" + serviceTier)
        + (region == null ? "" : ", region=" + region)
        + (speed == null ? "" : ", speed=" + speed)
        + (reportedCost == null ? "" : ", reported=" + reportedCost)
        + (gaps.isEmpty() ? "" : ", without " + gaps)
        + (subCalls.isEmpty() ? "" : ", " + subCalls)
        + '}';
  }

  /** Collects what a provider told; all is untold unless said. Not thread-safe. */
  public static final class Builder {

    private Usage usage = Usage.none();
    private @Nullable String model;
    private @Nullable String serviceTier;
    private @Nullable String region;
    private @Nullable String speed;
    private @Nullable Cost reportedCost;
    private final EnumSet<UsageGap> gaps = EnumSet.noneOf(UsageGap.class);
    private final List<UsageReport> subCalls = new ArrayList<>();

    private Builder() {}

    public Builder usage(Usage usage) {
      this.usage = Objects.requireNonNull(usage, "usage");
      return this;
    }

    public Builder model(@Nullable String model) {
      this.model = model;
      return this;
    }

    public Builder serviceTier(@Nullable String serviceTier) {
      this.serviceTier = serviceTier;
      return this;
    }

    public Builder region(@Nullable String region) {
      this.region = region;
      return this;
    }

    public Builder speed(@Nullable String speed) {
      this.speed = speed;
      return this;
    }

    public Builder reportedCost(@Nullable Cost cost) {
      this.reportedCost = cost;
      return this;
    }

    /** Adds something that the provider did not tell. */
    public Builder gap(UsageGap gap) {
      gaps.add(gap);
      return this;
    }

    /** Adds the work of another model inside the same response. */
    public Builder subCall(UsageReport subCall) {
      subCalls.add(subCall);
      return this;
    }

    public UsageReport build() {
      return new UsageReport(this);
    }
  }
}
