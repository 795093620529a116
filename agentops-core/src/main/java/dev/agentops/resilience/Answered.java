package dev.agentops.resilience;

import dev.agentops.Attempt;
import java.time.Duration;

/** An attempt that brought an answer, and how long it took. */
record Answered(Attempt attempt, Duration took) {}
