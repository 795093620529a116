/**
 * Joins this tracing with OpenTelemetry: sends spans through any of its exporters, in the dialect
 * of the back end, and makes one tree of our spans and the host's.
 *
 * <p>Needs {@code io.opentelemetry:opentelemetry-sdk-trace}.
 */
@NullMarked
package dev.agentops.tracing.otel;

import org.jspecify.annotations.NullMarked;
