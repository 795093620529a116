package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.time.Instant;

/**
 * Something that happened at one moment of a span.
 *
 * @param name what happened
 * @param timestamp when
 * @param attributes more about it
 */
public record SpanEvent(String name, Instant timestamp, Attributes attributes) {}
