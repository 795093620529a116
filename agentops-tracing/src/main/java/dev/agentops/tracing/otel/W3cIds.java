package dev.agentops.tracing.otel;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Gives each id of ours the form that W3C trace context asks for: one that has it stays as it is,
 * any other text becomes the beginning of its SHA-256 hash, the same in every process and release.
 */
final class W3cIds {

  private W3cIds() {}

  /** A sampled span by our ids. */
  static SpanContext context(String traceId, String spanId) {
    return SpanContext.create(
        traceId(traceId), spanId(spanId), TraceFlags.getSampled(), TraceState.getDefault());
  }

  static String traceId(String id) {
    return isW3cTraceId(id) ? id : hash(id, TraceId.getLength());
  }

  static String spanId(String id) {
    return id.length() == SpanId.getLength() && isLowerCase(id) && SpanId.isValid(id)
        ? id
        : hash(id, SpanId.getLength());
  }

  static boolean isW3cTraceId(String id) {
    return id.length() == TraceId.getLength() && isLowerCase(id) && TraceId.isValid(id);
  }

  /** OpenTelemetry's own check lets upper-case digits pass. */
  private static boolean isLowerCase(String id) {
    return id.chars().noneMatch(c -> c >= 'A' && c <= 'Z');
  }

  private static String hash(String id, int digits) {
    try {
      byte[] all = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(all).substring(0, digits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
