package dev.agentops.tracing;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A span of another process, or of another tracer in this one, as W3C trace context names it in the
 * header {@code traceparent}. Immutable, hence thread-safe.
 */
public final class TraceParent {

  // a future version may append more fields; version ff is forbidden
  private static final Pattern HEADER =
      Pattern.compile(
          "(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private static final int SAMPLED = 1;

  private final String traceId;
  private final String spanId;
  private final boolean sampled;

  private TraceParent(String traceId, String spanId, boolean sampled) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.sampled = sampled;
  }

  /**
   * Reads a header; empty where it is missing or not valid, so that a new trace starts, as W3C asks
   * for.
   */
  public static Optional<TraceParent> parse(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    Matcher parts = HEADER.matcher(header.trim());
    if (!parts.matches() || (parts.group(1).equals("00") && parts.group(5) != null)) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(parts.group(4), 16) & SAMPLED) != 0;
    return Optional.of(new TraceParent(parts.group(2), parts.group(3), sampled));
  }

  /**
   * A parent from its parts.
   *
   * @param traceId 32 lower-case hex digits, not all zero
   * @param spanId 16 lower-case hex digits, not all zero
   * @param sampled whether the caller records its trace
   * @throws IllegalArgumentException if an id is not valid
   */
  public static TraceParent of(String traceId, String spanId, boolean sampled) {
    Objects.requireNonNull(traceId, "traceId");
    Objects.requireNonNull(spanId, "spanId");
    String header = "00-" + traceId + '-' + spanId + (sampled ? "-01" : "-00");
    return parse(header)
        .orElseThrow(() -> new IllegalArgumentException("not valid ids of a span: " + header));
  }

  public String traceId() {
    return traceId;
  }

  public String spanId() {
    return spanId;
  }

  /** Whether the caller records its trace. */
  public boolean sampled() {
    return sampled;
  }

  /** The value of the header. */
  @Override
  public String toString() {
    return "00-" + traceId + '-' + spanId + (sampled ? "-01" : "-00");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TraceParent that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
