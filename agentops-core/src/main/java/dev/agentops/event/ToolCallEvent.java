package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One execution of a tool has ended. Immutable. */
public final class ToolCallEvent implements OpsEvent {

  private final Instant timestamp;
  private final String tool;
  private final CallStatus status;
  private final @Nullable String errorType;
  private final Duration duration;
  private final boolean cached;
  private final @Nullable String traceId;
  private final @Nullable String spanId;
  private final Attributes attributes;

  private ToolCallEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    tool = Objects.requireNonNull(from.tool, "tool");
    status = Objects.requireNonNull(from.status, "status");
    duration = Objects.requireNonNull(from.duration, "duration");
    errorType = from.errorType;
    cached = from.cached;
    traceId = from.traceId;
    spanId = from.spanId;
    attributes = from.attributes;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** When it began. */
  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** The tool's name. */
  public String tool() {
    return tool;
  }

  /**
   * How it ended; {@code ERROR} also when the tool returned a result that it marked as an error.
   */
  public CallStatus status() {
    return status;
  }

  /** The class of what was thrown; null when nothing was. */
  public @Nullable String errorType() {
    return errorType;
  }

  /** How long it ran, or how long it took to find its result where that was {@link #cached()}. */
  public Duration duration() {
    return duration;
  }

  /** Whether a cache had the result, so that the tool did not run. */
  public boolean cached() {
    return cached;
  }

  /** The trace that records it; null where nothing traces it. */
  public @Nullable String traceId() {
    return traceId;
  }

  /** The span that records it; null where nothing traces it. */
  public @Nullable String spanId() {
    return spanId;
  }

  /** Those of the scopes around it. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public String toString() {
    return "ToolCallEvent{"
        + tool
        + ", "
        + status
        + (errorType == null ? "" : ", " + errorType)
        + ", "
        + duration
        + (cached ? ", cached" : "")
        + ", "
        + attributes
        + '}';
  }

  /** Collects what happened; timestamp, tool, status and duration are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private @Nullable String tool;
    private @Nullable CallStatus status;
    private @Nullable String errorType;
    private @Nullable Duration duration;
    private boolean cached;
    private @Nullable String traceId;
    private @Nullable String spanId;
    private Attributes attributes = Attributes.empty();

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder tool(String tool) {
      this.tool = tool;
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

    public Builder duration(Duration duration) {
      this.duration = duration;
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

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public ToolCallEvent build() {
      return new ToolCallEvent(this);
    }
  }
}
