package dev.agentops.guard;

import dev.agentops.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An agent that has begun and is to be ended once.
 *
 * @param timer ends its time; null where that is not limited
 */
record Opening(Place place, Clock.@Nullable Timer timer, AtomicBoolean ended) {}
