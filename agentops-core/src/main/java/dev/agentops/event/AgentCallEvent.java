package dev.agentops.event;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of an agent has ended.
 *
 * @param timestamp when it began
 * @param agent the agent's name
 * @param method the name of the method that was called
 * @param status how it ended
 * @param errorType the class of what was thrown; null when nothing was
 * @param duration how long it ran, to the end of its stream where it has one
 * @param modelCalls how many calls of chat models it made, without those of agents inside of it
 * @param usage what those consumed together; null where none told
 * @param cost what those cost together; null where no price is known
 * @param traceId the trace that records it; null where nothing traces it
 * @param spanId the span that records it; null where nothing traces it
 * @param attributes those of the scopes around it
 */
public record AgentCallEvent(
    Instant timestamp,
    String agent,
    String method,
    CallStatus status,
    @Nullable String errorType,
    Duration duration,
    int modelCalls,
    @Nullable Usage usage,
    @Nullable Cost cost,
    @Nullable String traceId,
    @Nullable String spanId,
    Attributes attributes)
    implements OpsEvent {}
