package dev.agentops.tracing;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A judgement of a trace, or of one span of it, that comes after the fact: a user's thumb, an
 * evaluation, a reviewer's label. Immutable, hence thread-safe.
 *
 * <p>It has a value, a label, or both; the parts are those of OpenTelemetry's {@code
 * gen_ai.evaluation.result}.
 */
public final class Score {

  private final String traceId;
  private final @Nullable String spanId;
  private final String name;
  private final @Nullable Double value;
  private final @Nullable String label;
  private final @Nullable String comment;
  private final @Nullable Instant timestamp;

  private Score(Builder from) {
    traceId = from.traceId;
    spanId = from.spanId;
    name = from.name;
    value = from.value;
    label = from.label;
    comment = from.comment;
    timestamp = from.timestamp;
  }

  /**
   * A score of a whole trace.
   *
   * @throws IllegalArgumentException as {@link Builder#build()}
   */
  public static Score of(String traceId, String name, double value) {
    return builder(traceId, name).value(value).build();
  }

  /** Starts a score of this name, such as {@code helpfulness}. */
  public static Builder builder(String traceId, String name) {
    return new Builder(traceId, name);
  }

  public String traceId() {
    return traceId;
  }

  /** The span that is judged; empty for the trace as a whole. */
  public Optional<String> spanId() {
    return Optional.ofNullable(spanId);
  }

  public String name() {
    return name;
  }

  public Optional<Double> value() {
    return Optional.ofNullable(value);
  }

  /** The value in words, such as {@code relevant}. */
  public Optional<String> label() {
    return Optional.ofNullable(label);
  }

  /** Why. */
  public Optional<String> comment() {
    return Optional.ofNullable(comment);
  }

  /** When it was given; empty until a tracer has recorded it, unless the caller said. */
  public Optional<Instant> timestamp() {
    return Optional.ofNullable(timestamp);
  }

  /** This score at this time. */
  public Score at(Instant time) {
    return toBuilder().timestamp(time).build();
  }

  /** This score with other texts, each where it has one. */
  Score with(String otherLabel, String otherComment) {
    Builder copy = toBuilder();
    copy.label = label == null ? null : otherLabel;
    copy.comment = comment == null ? null : otherComment;
    return copy.build();
  }

  private Builder toBuilder() {
    Builder copy = new Builder(traceId, name);
    copy.spanId = spanId;
    copy.value = value;
    copy.label = label;
    copy.comment = comment;
    copy.timestamp = timestamp;
    return copy;
  }

  /** About how much heap it holds. */
  long estimatedBytes() {
    return 100
        + Payloads.estimatedBytes(traceId)
        + Payloads.estimatedBytes(name)
        + Payloads.estimatedBytes(label)
        + Payloads.estimatedBytes(comment);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Score that
        && traceId.equals(that.traceId)
        && Objects.equals(spanId, that.spanId)
        && name.equals(that.name)
        && Objects.equals(value, that.value)
        && Objects.equals(label, that.label)
        && Objects.equals(comment, that.comment)
        && Objects.equals(timestamp, that.timestamp);
  }

  @Override
  public int hashCode() {
    return Objects.hash(traceId, spanId, name, value, label, comment, timestamp);
  }

  /** Without the comment, which is content. */
  @Override
  public String toString() {
    return "Score{"
        + name
        + (value == null ? "" : "=" + value)
        + (label == null ? "" : ", " + label)
        + ", trace="
        + traceId
        + (spanId == null ? "" : ", span=" + spanId)
        + '}';
  }

  /** Collects the parts of a score. Not thread-safe. */
  public static final class Builder {

    private final String traceId;
    private final String name;
    private @Nullable String spanId;
    private @Nullable Double value;
    private @Nullable String label;
    private @Nullable String comment;
    private @Nullable Instant timestamp;

    private Builder(String traceId, String name) {
      if (traceId == null || traceId.isBlank()) {
        throw new IllegalArgumentException("traceId must not be blank: '" + traceId + "'");
      }
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("the name of a score must not be blank: '" + name + "'");
      }
      this.traceId = traceId;
      this.name = name;
    }

    /** The span that is judged; the whole trace unless said. */
    public Builder spanId(@Nullable String spanId) {
      this.spanId = spanId;
      return this;
    }

    /**
     * The value, on whatever scale the name implies.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Builder value(double value) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("the value of a score must be finite: " + value);
      }
      this.value = value;
      return this;
    }

    public Builder label(@Nullable String label) {
      this.label = label;
      return this;
    }

    public Builder comment(@Nullable String comment) {
      this.comment = comment;
      return this;
    }

    /** When it was given; the time of the tracer unless said. */
    public Builder timestamp(@Nullable Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    /**
     * The score.
     *
     * @throws IllegalArgumentException if it has neither value nor label
     */
    public Score build() {
      if (value == null && label == null) {
        throw new IllegalArgumentException("a score needs a value or a label: " + name);
      }
      return new Score(this);
    }
  }
}
