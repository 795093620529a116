package dev.agentops.tracing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which spans to find in a {@link SpanStore}. Immutable, hence thread-safe. */
public final class SpanQuery {

  private static final SpanQuery ALL = new SpanQuery(null, null);

  private final @Nullable String agentName;
  private final @Nullable String traceId;

  private SpanQuery(@Nullable String agentName, @Nullable String traceId) {
    this.agentName = agentName;
    this.traceId = traceId;
  }

  public static SpanQuery all() {
    return ALL;
  }

  public static SpanQuery ofAgent(String agentName) {
    return new SpanQuery(Objects.requireNonNull(agentName, "agentName"), null);
  }

  public static SpanQuery ofTrace(String traceId) {
    return new SpanQuery(null, Objects.requireNonNull(traceId, "traceId"));
  }

  /** The agent whose spans are asked for; null for any. */
  public @Nullable String agentName() {
    return agentName;
  }

  /** The trace whose spans are asked for; null for any. */
  public @Nullable String traceId() {
    return traceId;
  }

  public boolean matches(Span span) {
    return (agentName == null || agentName.equals(span.agentName()))
        && (traceId == null || traceId.equals(span.traceId()));
  }

  @Override
  public String toString() {
    return "SpanQuery{agentName=" + agentName + ", traceId=" + traceId + '}';
  }
}
