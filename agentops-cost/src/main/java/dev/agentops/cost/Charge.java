package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.UsageReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call that is to be priced and recorded.
 *
 * @param at when it ended
 * @param operation what was done, as {@link UsageRecord#operation()}
 * @param provider as the caller named it
 * @param answered the model that answered; null where that is not told
 * @param asked the model that was asked for; null where none was named
 * @param report what the provider told, or what was estimated in its place
 * @param maximumOutputTokens what the request allowed; 0 for no limit
 * @param run the run of an agent that it belongs to, for budgets; null outside of one
 * @param succeeded whether the call ended well
 */
record Charge(
    Instant at,
    String operation,
    String provider,
    @Nullable String answered,
    @Nullable String asked,
    UsageReport report,
    long maximumOutputTokens,
    Attributes attributes,
    @Nullable String run,
    boolean succeeded,
    @Nullable String traceId,
    @Nullable String spanId) {}
