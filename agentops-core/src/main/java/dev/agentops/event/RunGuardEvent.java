package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run of an agent is near one of its limits, was stopped by one, or was killed. Immutable. */
public final class RunGuardEvent implements OpsEvent {

  /** What happened. */
  public enum Type {
    /** A run has used the warning share of a limit; told once a run for each limit. */
    WARNED,
    /** A run was stopped by a limit; told once a run. */
    STOPPED,
    /** A kill switch was thrown, or has stopped a run; the latter is told once a run. */
    KILLED,
    /** A kill switch was taken back. */
    REVIVED
  }

  private final Instant timestamp;
  private final Type type;
  private final @Nullable String runId;
  private final @Nullable String agent;
  private final @Nullable String limit;
  private final @Nullable String target;
  private final String allowed;
  private final String spent;
  private final String detail;
  private final Attributes attributes;

  private RunGuardEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    type = Objects.requireNonNull(from.type, "type");
    runId = from.runId;
    agent = from.agent;
    limit = from.limit;
    target = from.target;
    allowed = from.allowed;
    spent = from.spent;
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

  /** Those of the scopes around the call; empty where no call is the cause. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  public Type type() {
    return type;
  }

  /** The run; empty where a switch was thrown for more than one. */
  public Optional<String> runId() {
    return Optional.ofNullable(runId);
  }

  /** The agent whose run it is, by name; empty as {@link #runId()}. */
  public Optional<String> agent() {
    return Optional.ofNullable(agent);
  }

  /** The limit, such as {@code maxModelCalls}; empty for a kill. */
  public Optional<String> limit() {
    return Optional.ofNullable(limit);
  }

  /** Whom a kill switch stops, such as {@code user 'alice'}; empty for a limit. */
  public Optional<String> target() {
    return Optional.ofNullable(target);
  }

  /** What the limit allows, in its unit; empty for a kill. */
  public String allowed() {
    return allowed;
  }

  /** What was spent of the limit; for a kill all that the run has spent. */
  public String spent() {
    return spent;
  }

  /** What happened as a sentence; of a kill the reason that was given. */
  public String detail() {
    return detail;
  }

  @Override
  public String toString() {
    return "RunGuardEvent{"
        + type
        + (runId == null ? "" : " run " + runId)
        + (agent == null ? "" : " of '" + agent + "'")
        + (limit == null ? "" : ", " + limit + ": " + spent + " of " + allowed)
        + (target == null ? "" : ", " + target)
        + (detail.isEmpty() ? "" : ": " + detail)
        + '}';
  }

  /** Collects what happened; timestamp and type are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private @Nullable Type type;
    private @Nullable String runId;
    private @Nullable String agent;
    private @Nullable String limit;
    private @Nullable String target;
    private String allowed = "";
    private String spent = "";
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

    public Builder runId(@Nullable String runId) {
      this.runId = runId;
      return this;
    }

    public Builder agent(@Nullable String agent) {
      this.agent = agent;
      return this;
    }

    public Builder limit(@Nullable String limit) {
      this.limit = limit;
      return this;
    }

    public Builder target(@Nullable String target) {
      this.target = target;
      return this;
    }

    public Builder allowed(String allowed) {
      this.allowed = allowed;
      return this;
    }

    public Builder spent(String spent) {
      this.spent = spent;
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

    public RunGuardEvent build() {
      return new RunGuardEvent(this);
    }
  }
}
