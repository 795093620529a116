package dev.agentops.alerts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Keeps alerts from being told: a silence, another alert that says more. Asked by the engine's
 * thread, each time a group is about to be told, and by those who list alerts.
 */
@FunctionalInterface
interface Muting {

  /** What keeps this firing alert from being told now, for people to read; null if nothing does. */
  @Nullable String mutedBy(Alert alert, Instant now);
}
