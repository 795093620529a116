package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;

/** Something that happened to a call. Immutable. Carries no prompt, answer or argument. */
public sealed interface OpsEvent
    permits ModelCallEvent,
        ToolCallEvent,
        AgentCallEvent,
        CacheEvent,
        CacheStoreEvent,
        RateLimitEvent,
        ResilienceEvent,
        RateLimitStoreEvent,
        RunGuardEvent,
        ToolCircuitEvent,
        BudgetEvent,
        UnpricedCallEvent,
        WorkQueueEvent {

  /** When it happened; for a call, when it began. */
  Instant timestamp();

  /** The attributes of the scopes around the call. */
  Attributes attributes();
}
