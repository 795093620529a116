package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;

/**
 * A limiter refused a call.
 *
 * @param timestamp when
 * @param limiter the limiter's name
 * @param key whose limit it is; empty where all share one
 * @param retryAfter how long until the same call fits; zero where that is not known
 * @param attributes those of the scopes around the call
 */
public record RateLimitEvent(
    Instant timestamp, String limiter, String key, Duration retryAfter, Attributes attributes)
    implements OpsEvent {}
