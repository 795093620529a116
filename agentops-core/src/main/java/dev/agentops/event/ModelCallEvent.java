package dev.agentops.event;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a chat or embedding model has ended; there is exactly one for every call, whatever
 * happened to it. Immutable.
 */
public final class ModelCallEvent implements OpsEvent {

  /** The operation of a chat model. */
  public static final String CHAT = "chat";

  /** The operation of an embedding model. */
  public static final String EMBEDDINGS = "embeddings";

  private final Instant timestamp;
  private final Attributes attributes;
  private final String operation;
  private final String provider;
  private final @Nullable String requestModel;
  private final @Nullable String responseModel;
  private final boolean streaming;
  private final CallStatus status;
  private final @Nullable String errorType;
  private final @Nullable String finishReason;
  private final Duration duration;
  private final @Nullable Duration timeToFirstChunk;
  private final @Nullable Usage usage;
  private final @Nullable Usage savedUsage;
  private final @Nullable Cost savedCost;
  private final @Nullable Duration savedTime;
  private final @Nullable Cost cost;
  private final boolean cached;
  private final @Nullable String traceId;
  private final @Nullable String spanId;

  private ModelCallEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    attributes = from.attributes;
    operation = from.operation;
    provider = from.provider;
    requestModel = from.requestModel;
    responseModel = from.responseModel;
    streaming = from.streaming;
    status = from.status;
    errorType = from.errorType;
    finishReason = from.finishReason;
    duration = from.duration;
    timeToFirstChunk = from.timeToFirstChunk;
    usage = from.usage;
    savedUsage = from.savedUsage;
    savedCost = from.savedCost;
    savedTime = from.savedTime;
    cost = from.cost;
    cached = from.cached;
    traceId = from.traceId;
    spanId = from.spanId;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  /** {@value #CHAT} or {@value #EMBEDDINGS}: the values of {@code gen_ai.operation.name}. */
  public String operation() {
    return operation;
  }

  /**
   * The provider, as {@code gen_ai.provider.name}; {@code unknown} where LangChain4j does not tell.
   */
  public String provider() {
    return provider;
  }

  /** The model that was asked for; null where none was named. */
  public @Nullable String requestModel() {
    return requestModel;
  }

  /**
   * The model that answered, often more exact than the one asked for; null where the provider did
   * not tell.
   */
  public @Nullable String responseModel() {
    return responseModel;
  }

  /** The model that answered, else the one that was asked for, else {@code unknown}. */
  public String model() {
    return responseModel != null ? responseModel : requestModel != null ? requestModel : "unknown";
  }

  public boolean streaming() {
    return streaming;
  }

  public CallStatus status() {
    return status;
  }

  /** The class of what was thrown; null when nothing was. */
  public @Nullable String errorType() {
    return errorType;
  }

  /** Why the model stopped, by LangChain4j's name; null where it did not tell. */
  public @Nullable String finishReason() {
    return finishReason;
  }

  /** From the start of the call to its end. */
  public Duration duration() {
    return duration;
  }

  /** From the start of the call to the first chunk of the stream; empty where no model streamed. */
  public Optional<Duration> timeToFirstChunk() {
    return Optional.ofNullable(timeToFirstChunk);
  }

  /** What the provider says was consumed; empty where it did not tell, and for a cached answer. */
  public Optional<Usage> usage() {
    return Optional.ofNullable(usage);
  }

  /**
   * What a cached answer consumed when a model gave it, and saves now; empty for other calls, and
   * where the cached answer does not tell.
   */
  public Optional<Usage> savedUsage() {
    return Optional.ofNullable(savedUsage);
  }

  /**
   * What a cached answer cost when a model gave it; empty for other calls, and where the cache does
   * not know.
   */
  public Optional<Cost> savedCost() {
    return Optional.ofNullable(savedCost);
  }

  /** How long a model took to give a cached answer; empty as {@link #savedCost()}. */
  public Optional<Duration> savedTime() {
    return Optional.ofNullable(savedTime);
  }

  /**
   * What the call cost: zero for a cached answer, empty where the price is unknown or nothing
   * prices calls.
   */
  public Optional<Cost> cost() {
    return Optional.ofNullable(cost);
  }

  /** Whether a cache answered. */
  public boolean cached() {
    return cached;
  }

  /** The trace that records the call; null where nothing traces it. */
  public @Nullable String traceId() {
    return traceId;
  }

  /** The span that records the call; null where nothing traces it. */
  public @Nullable String spanId() {
    return spanId;
  }

  @Override
  public String toString() {
    return "ModelCallEvent{"
        + operation
        + " "
        + model()
        + ", "
        + status
        + (cached ? ", cached" : "")
        + (errorType == null ? "" : ", error=" + errorType)
        + (usage == null ? "" : ", " + usage)
        + (cost == null ? "" : ", cost=" + cost)
        + ", "
        + duration
        + ", "
        + attributes
        + '}';
  }

  /** Collects what is known of a call; only the timestamp is required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private Attributes attributes = Attributes.empty();
    private String operation = CHAT;
    private String provider = "unknown";
    private @Nullable String requestModel;
    private @Nullable String responseModel;
    private boolean streaming;
    private CallStatus status = CallStatus.OK;
    private @Nullable String errorType;
    private @Nullable String finishReason;
    private Duration duration = Duration.ZERO;
    private @Nullable Duration timeToFirstChunk;
    private @Nullable Usage usage;
    private @Nullable Usage savedUsage;
    private @Nullable Cost savedCost;
    private @Nullable Duration savedTime;
    private @Nullable Cost cost;
    private boolean cached;
    private @Nullable String traceId;
    private @Nullable String spanId;

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public Builder operation(String operation) {
      this.operation = operation;
      return this;
    }

    public Builder provider(String provider) {
      this.provider = provider;
      return this;
    }

    public Builder requestModel(@Nullable String model) {
      this.requestModel = model;
      return this;
    }

    public Builder responseModel(@Nullable String model) {
      this.responseModel = model;
      return this;
    }

    public Builder streaming(boolean streaming) {
      this.streaming = streaming;
      return this;
    }

    public Builder status(CallStatus status) {
      this.status = status;
      return this;
    }

    public Builder errorType(@Nullable String errorType) {
      this.errorType = errorType;
      return this;
    }

    public Builder finishReason(@Nullable String finishReason) {
      this.finishReason = finishReason;
      return this;
    }

    public Builder duration(Duration duration) {
      this.duration = duration;
      return this;
    }

    public Builder timeToFirstChunk(@Nullable Duration timeToFirstChunk) {
      this.timeToFirstChunk = timeToFirstChunk;
      return this;
    }

    public Builder usage(@Nullable Usage usage) {
      this.usage = usage;
      return this;
    }

    public Builder savedUsage(@Nullable Usage usage) {
      this.savedUsage = usage;
      return this;
    }

    public Builder savedCost(@Nullable Cost cost) {
      this.savedCost = cost;
      return this;
    }

    public Builder savedTime(@Nullable Duration time) {
      this.savedTime = time;
      return this;
    }

    public Builder cost(@Nullable Cost cost) {
      this.cost = cost;
      return this;
    }

    public Builder cached(boolean cached) {
      this.cached = cached;
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

    public ModelCallEvent build() {
      return new ModelCallEvent(this);
    }
  }
}
