package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a tool has ended.
 *
 * @param timestamp when it began
 * @param tool the tool's name
 * @param status how it ended; {@code ERROR} also when the tool returned a result that it marked as
 *     an error
 * @param errorType the class of what was thrown; null when nothing was
 * @param duration how long it ran
 * @param traceId the trace that records it; null where nothing traces it
 * @param spanId the span that records it; null where nothing traces it
 * @param attributes those of the scopes around it
 */
public record ToolCallEvent(
    Instant timestamp,
    String tool,
    CallStatus status,
    @Nullable String errorType,
    Duration duration,
    @Nullable String traceId,
    @Nullable String spanId,
    Attributes attributes)
    implements OpsEvent {}
