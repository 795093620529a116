package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is true of a whole batch or trace, for back ends that want it on each span.
 *
 * @param environment where the program runs, such as {@code production}; null where nobody said
 * @param release the version of the program; null where nobody said
 * @param rootNames the names of the roots in this batch and before it, as far as known, by trace id
 */
record Origin(
    @Nullable String environment, @Nullable String release, Map<String, String> rootNames) {

  /** As the scope says, else as the root is called, where that is known. */
  @Nullable String traceName(Span span) {
    return span.attribute(GenAiAttributes.TRACE_NAME) instanceof String name
        ? name
        : rootNames.get(span.traceId());
  }

  /** As the scope says, else as the exporter was told. */
  @Nullable String environment(Span span) {
    return span.attribute(Attributes.ENVIRONMENT) instanceof String known ? known : environment;
  }

  /** As the scope says, else as the exporter was told. */
  @Nullable String release(Span span) {
    return span.attribute(Attributes.RELEASE) instanceof String known ? known : release;
  }
}
