package dev.agentops.alerts;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A problem as it is now, who hears of it, and why nobody does. Immutable and thread-safe. */
public final class AlertStatus {

  private final Alert alert;
  private final List<String> receivers;
  private final @Nullable String mutedBy;

  AlertStatus(Alert alert, List<String> receivers, @Nullable String mutedBy) {
    this.alert = Objects.requireNonNull(alert, "alert");
    this.receivers = List.copyOf(receivers);
    this.mutedBy = mutedBy;
  }

  /** Pending or firing, with all its occurrences so far. */
  public Alert alert() {
    return alert;
  }

  /** The names of the receivers that its routes lead to. */
  public List<String> receivers() {
    return receivers;
  }

  /** What keeps it from being told, such as a silence; empty if nothing does. */
  public Optional<String> mutedBy() {
    return Optional.ofNullable(mutedBy);
  }

  @Override
  public String toString() {
    return "AlertStatus{"
        + alert
        + " -> "
        + receivers
        + (mutedBy == null ? "" : ", muted by " + mutedBy)
        + '}';
  }
}
