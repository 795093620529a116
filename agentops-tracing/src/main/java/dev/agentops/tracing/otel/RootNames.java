package dev.agentops.tracing.otel;

import dev.agentops.tracing.Span;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the last traces are called, for spans that come in a later batch than the root. Thread-safe.
 */
final class RootNames {

  static final int MAXIMUM = 1_000;

  private final Map<String, String> names = // guarded by this; the longest unused goes first
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAXIMUM;
        }
      };

  /** The names that are known of the traces of a batch, by trace id. */
  synchronized Map<String, String> of(List<Span> batch) {
    Map<String, String> known = new HashMap<>();
    for (Span span : batch) {
      if (span.parentSpanId() == null) {
        names.put(span.traceId(), span.name());
        known.put(span.traceId(), span.name());
      }
    }
    for (Span span : batch) {
      String name = names.get(span.traceId());
      if (name != null) {
        known.putIfAbsent(span.traceId(), name);
      }
    }
    return known;
  }
}
