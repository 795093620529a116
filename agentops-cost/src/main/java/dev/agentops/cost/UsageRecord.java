package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What one call consumed and cost, or that a task ended. Immutable, hence thread-safe. */
public final class UsageRecord {

  /** The provider or model of a call that did not name it. */
  public static final String UNKNOWN = "unknown";

  /** The {@link #operation()} of a call of a chat model. */
  public static final String CHAT = "chat";

  /**
   * The {@link #operation()} of a record that is no call but the end of a run of an agent, by which
   * the cost of a successful task is told.
   */
  public static final String TASK = "invoke_agent";

  private final String id;
  private final Instant timestamp;
  private final String operation;
  private final String provider;
  private final String model;
  private final Usage usage;
  private final Attributes attributes;
  private final @Nullable Cost cost;
  private final @Nullable Cost calculatedCost;
  private final @Nullable Cost reportedCost;
  private final @Nullable Cost lowestCost;
  private final @Nullable Cost highestCost;
  private final boolean estimated;
  private final Set<UsageGap> gaps;
  private final long maximumOutputTokens;
  private final @Nullable String priceVersion;
  private final @Nullable String priceRule;
  private final @Nullable String serviceTier;
  private final @Nullable String region;
  private final @Nullable String speed;
  private final boolean cacheHit;
  private final Cost savedCost;
  private final boolean succeeded;
  private final @Nullable String traceId;
  private final @Nullable String spanId;

  private UsageRecord(Builder from, Instant timestamp) {
    id = from.id == null ? newId(timestamp) : from.id;
    this.timestamp = timestamp;
    operation = from.operation;
    provider = from.provider;
    model = from.model;
    usage = from.usage;
    attributes = from.attributes;
    cost = from.cost;
    calculatedCost = from.calculatedCost;
    reportedCost = from.reportedCost;
    lowestCost = from.lowestCost;
    highestCost = from.highestCost;
    estimated = from.estimated;
    gaps = from.gaps;
    maximumOutputTokens = from.maximumOutputTokens;
    priceVersion = from.priceVersion;
    priceRule = from.priceRule;
    serviceTier = from.serviceTier;
    region = from.region;
    speed = from.speed;
    cacheHit = from.cacheHit;
    savedCost = from.savedCost;
    succeeded = from.succeeded;
    traceId = from.traceId;
    spanId = from.spanId;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Unique: a ledger keeps a record of an id once, however often it is handed over. */
  public String id() {
    return id;
  }

  /** When it was recorded, which is when the call ended. */
  public Instant timestamp() {
    return timestamp;
  }

  /**
   * What was done, as {@code gen_ai.operation.name}: {@code chat}, {@code embeddings}, {@code
   * execute_tool}, or {@link #TASK}.
   */
  public String operation() {
    return operation;
  }

  /** As the caller named it; {@value #UNKNOWN} where it did not. */
  public String provider() {
    return provider;
  }

  /** The model that was priced; {@value #UNKNOWN} where none was named. */
  public String model() {
    return model;
  }

  /** What was consumed. */
  public Usage usage() {
    return usage;
  }

  /** Who called and why. */
  public Attributes attributes() {
    return attributes;
  }

  /**
   * What it cost: as the provider reported, else as calculated. Empty where neither is known, which
   * is not zero.
   */
  public Optional<Cost> cost() {
    return Optional.ofNullable(cost);
  }

  /** What the catalogue says it cost; empty where it does not know. */
  public Optional<Cost> calculatedCost() {
    return Optional.ofNullable(calculatedCost);
  }

  /** What the provider said it charges; empty where it did not say. */
  public Optional<Cost> reportedCost() {
    return Optional.ofNullable(reportedCost);
  }

  /**
   * What it cost at least: the parts that have a price, where others have none, so that {@link
   * #cost()} is unknown; budgets count it. Empty where the cost is exact, or nothing of it is
   * known.
   */
  public Optional<Cost> lowestCost() {
    return Optional.ofNullable(lowestCost);
  }

  /** What it cost at most; empty where {@link #cost()} is exact or unknown. */
  public Optional<Cost> highestCost() {
    return Optional.ofNullable(highestCost);
  }

  /**
   * Whether the usage or the cost was estimated, since the provider did not tell all of it, as
   * after a cancelled stream.
   */
  public boolean estimated() {
    return estimated;
  }

  /** What the provider did not tell of the usage; empty where it told all. */
  public Set<UsageGap> gaps() {
    return gaps;
  }

  /** How many output tokens the request allowed; 0 where it set no limit. */
  public long maximumOutputTokens() {
    return maximumOutputTokens;
  }

  /**
   * The version of the catalogue that was asked: what it said then stays with the record. Null
   * where none was.
   */
  public @Nullable String priceVersion() {
    return priceVersion;
  }

  /**
   * The catalogue's entry and rule that priced it, such as {@code openai/gpt-5#1}; null where none
   * did.
   */
  public @Nullable String priceRule() {
    return priceRule;
  }

  /** The tier that served it; null where that is not told. */
  public @Nullable String serviceTier() {
    return serviceTier;
  }

  /** Where it was served, if that is told and changes the price; null else. */
  public @Nullable String region() {
    return region;
  }

  /** The speed that was paid for; null where that is not told. */
  public @Nullable String speed() {
    return speed;
  }

  /** Whether a cache of ours answered: nothing was consumed, and {@link #savedCost()} was saved. */
  public boolean isCacheHit() {
    return cacheHit;
  }

  /** What a cache hit would have cost, as far as known; zero for anything else. */
  public Cost savedCost() {
    return savedCost;
  }

  /** Whether it ended well; for a task, whether it reached its end. */
  public boolean succeeded() {
    return succeeded;
  }

  /** The trace that shows it; null where nothing traced it. */
  public @Nullable String traceId() {
    return traceId;
  }

  /** The span that shows it; null where nothing traced it. */
  public @Nullable String spanId() {
    return spanId;
  }

  /** Whether this tells the end of a run of an agent, and is no call. */
  public boolean isTask() {
    return operation.equals(TASK);
  }

  /** A builder that holds all of this record, its id included. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.id = id;
    builder.timestamp = timestamp;
    builder.operation = operation;
    builder.provider = provider;
    builder.model = model;
    builder.usage = usage;
    builder.attributes = attributes;
    builder.cost = cost;
    builder.calculatedCost = calculatedCost;
    builder.reportedCost = reportedCost;
    builder.lowestCost = lowestCost;
    builder.highestCost = highestCost;
    builder.estimated = estimated;
    builder.gaps = gaps;
    builder.maximumOutputTokens = maximumOutputTokens;
    builder.priceVersion = priceVersion;
    builder.priceRule = priceRule;
    builder.serviceTier = serviceTier;
    builder.region = region;
    builder.speed = speed;
    builder.cacheHit = cacheHit;
    builder.savedCost = savedCost;
    builder.succeeded = succeeded;
    builder.traceId = traceId;
    builder.spanId = spanId;
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UsageRecord that
        && id.equals(that.id)
        && timestamp.equals(that.timestamp)
        && operation.equals(that.operation)
        && provider.equals(that.provider)
        && model.equals(that.model)
        && usage.equals(that.usage)
        && attributes.equals(that.attributes)
        && Objects.equals(cost, that.cost)
        && Objects.equals(calculatedCost, that.calculatedCost)
        && Objects.equals(reportedCost, that.reportedCost)
        && Objects.equals(lowestCost, that.lowestCost)
        && Objects.equals(highestCost, that.highestCost)
        && estimated == that.estimated
        && gaps.equals(that.gaps)
        && maximumOutputTokens == that.maximumOutputTokens
        && Objects.equals(priceVersion, that.priceVersion)
        && Objects.equals(priceRule, that.priceRule)
        && Objects.equals(serviceTier, that.serviceTier)
        && Objects.equals(region, that.region)
        && Objects.equals(speed, that.speed)
        && cacheHit == that.cacheHit
        && savedCost.equals(that.savedCost)
        && succeeded == that.succeeded
        && Objects.equals(traceId, that.traceId)
        && Objects.equals(spanId, that.spanId);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "UsageRecord{"
        + id
        + ", "
        + timestamp
        + ", "
        + operation
        + ' '
        + provider
        + '/'
        + model
        + ", "
        + usage
        + (cacheHit
            ? ", cached, saved=" + savedCost
            : ", cost=" + (cost == null ? "unknown" : cost))
        + (estimated ? ", estimated" : "")
        + (succeeded ? "" : ", failed")
        + ", "
        + attributes
        + '}';
  }

  /**
   * A UUID of version 7: unique without the cost and the locks of a secure random number, and in
   * the order of time, which keeps the indexes of databases small and warm.
   */
  private static String newId(Instant timestamp) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long millis = timestamp.getEpochSecond() * 1_000 + timestamp.getNano() / 1_000_000;
    long version = 0x7000 | random.nextInt(0x1000);
    long variant = Long.MIN_VALUE | (random.nextLong() >>> 2);
    return new UUID((millis << 16) | version, variant).toString();
  }

  /** Collects a record; only the timestamp is required. Not thread-safe. */
  public static final class Builder {

    private @Nullable String id;
    private @Nullable Instant timestamp;
    private String operation = CHAT;
    private String provider = UNKNOWN;
    private String model = UNKNOWN;
    private Usage usage = Usage.none();
    private Attributes attributes = Attributes.empty();
    private @Nullable Cost cost;
    private @Nullable Cost calculatedCost;
    private @Nullable Cost reportedCost;
    private @Nullable Cost lowestCost;
    private @Nullable Cost highestCost;
    private boolean estimated;
    private Set<UsageGap> gaps = Set.of();
    private long maximumOutputTokens;
    private @Nullable String priceVersion;
    private @Nullable String priceRule;
    private @Nullable String serviceTier;
    private @Nullable String region;
    private @Nullable String speed;
    private boolean cacheHit;
    private Cost savedCost = Cost.ZERO;
    private boolean succeeded = true;
    private @Nullable String traceId;
    private @Nullable String spanId;

    private Builder() {}

    /**
     * Any text that is unique for the record; a random one unless said.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder id(String id) {
      this.id = notBlank("id", id);
      return this;
    }

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    /**
     * What was done; a chat unless said.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder operation(String operation) {
      this.operation = notBlank("operation", operation);
      return this;
    }

    /**
     * Unknown unless said.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder provider(String provider) {
      this.provider = notBlank("provider", provider);
      return this;
    }

    /**
     * Unknown unless said.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder model(String model) {
      this.model = notBlank("model", model);
      return this;
    }

    public Builder usage(Usage usage) {
      this.usage = usage;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public Builder cost(@Nullable Cost cost) {
      this.cost = cost;
      return this;
    }

    public Builder calculatedCost(@Nullable Cost calculatedCost) {
      this.calculatedCost = calculatedCost;
      return this;
    }

    public Builder reportedCost(@Nullable Cost reportedCost) {
      this.reportedCost = reportedCost;
      return this;
    }

    public Builder lowestCost(@Nullable Cost lowestCost) {
      this.lowestCost = lowestCost;
      return this;
    }

    public Builder highestCost(@Nullable Cost highestCost) {
      this.highestCost = highestCost;
      return this;
    }

    public Builder estimated(boolean estimated) {
      this.estimated = estimated;
      return this;
    }

    public Builder gaps(Set<UsageGap> gaps) {
      this.gaps = Set.copyOf(gaps);
      return this;
    }

    public Builder maximumOutputTokens(long tokens) {
      this.maximumOutputTokens = tokens;
      return this;
    }

    public Builder priceVersion(@Nullable String priceVersion) {
      this.priceVersion = priceVersion;
      return this;
    }

    public Builder priceRule(@Nullable String priceRule) {
      this.priceRule = priceRule;
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

    public Builder cacheHit(boolean cacheHit) {
      this.cacheHit = cacheHit;
      return this;
    }

    public Builder savedCost(Cost savedCost) {
      this.savedCost = savedCost;
      return this;
    }

    public Builder succeeded(boolean succeeded) {
      this.succeeded = succeeded;
      return this;
    }

    public Builder traceId(@Nullable String traceId) {
      this.traceId = traceId;
      return this;
    }

    public Builder spanId(@Nullable String spanId) {
      this.spanId = spanId;
      return this;
    }

    /**
     * Checks that the record has a timestamp.
     *
     * @throws NullPointerException if it has none
     */
    public UsageRecord build() {
      return new UsageRecord(this, Objects.requireNonNull(timestamp, "timestamp"));
    }

    private static String notBlank(String what, String value) {
      if (value.isBlank()) {
        throw new IllegalArgumentException(
            "the " + what + " of a record must not be blank: '" + value + "'");
      }
      return value;
    }
  }
}
