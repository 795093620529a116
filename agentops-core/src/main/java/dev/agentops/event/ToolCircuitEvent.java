package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A tool that kept failing was withdrawn, or is offered again. Immutable. */
public final class ToolCircuitEvent implements OpsEvent {

  /** What happened. */
  public enum Type {
    /** The tool failed too often: it is not run until {@link ToolCircuitEvent#until()}. */
    OPENED,
    /** The tool has worked again. */
    CLOSED
  }

  private final Instant timestamp;
  private final Type type;
  private final String tool;
  private final @Nullable Instant until;
  private final String detail;
  private final Attributes attributes;

  private ToolCircuitEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    type = Objects.requireNonNull(from.type, "type");
    tool = Objects.requireNonNull(from.tool, "tool");
    until = from.until;
    detail = from.detail;
    attributes = from.attributes;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** Those of the scopes around the execution that made the difference. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  public Type type() {
    return type;
  }

  /** The tool's name. */
  public String tool() {
    return tool;
  }

  /** When it is tried again; empty where it is offered. */
  public Optional<Instant> until() {
    return Optional.ofNullable(until);
  }

  /** Why, such as {@code 5 failures in a row}; empty where it is offered. */
  public String detail() {
    return detail;
  }

  @Override
  public String toString() {
    return "ToolCircuitEvent{"
        + type
        + " '"
        + tool
        + '\''
        + (until == null ? "" : " until " + until)
        + (detail.isEmpty() ? "" : ": " + detail)
        + '}';
  }

  /** Collects what happened; timestamp, type and tool are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private @Nullable Type type;
    private @Nullable String tool;
    private @Nullable Instant until;
    private String detail = "";
    private Attributes attributes = Attributes.empty();

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder type(Type type) {
      this.type = type;
      return this;
    }

    public Builder tool(String tool) {
      this.tool = tool;
      return this;
    }

    public Builder until(@Nullable Instant until) {
      this.until = until;
      return this;
    }

    public Builder detail(String detail) {
      this.detail = detail;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public ToolCircuitEvent build() {
      return new ToolCircuitEvent(this);
    }
  }
}
