package dev.agentops.guard;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A kill switch that is thrown. Immutable. */
public final class Kill {

  private final KillTarget target;
  private final String reason;
  private final Instant since;
  private final @Nullable Instant until;

  /** The end on the monotonic clock; means something where there is an {@link #until}. */
  final long untilNanos;

  Kill(KillTarget target, String reason, Instant since, @Nullable Instant until, long untilNanos) {
    this.target = target;
    this.reason = reason;
    this.since = since;
    this.until = until;
    this.untilNanos = untilNanos;
  }

  public KillTarget target() {
    return target;
  }

  /** Why, as whoever threw it has said. */
  public String reason() {
    return reason;
  }

  public Instant since() {
    return since;
  }

  /** When it ends by itself; empty where somebody has to take it back. */
  public Optional<Instant> until() {
    return Optional.ofNullable(until);
  }

  @Override
  public String toString() {
    return "Kill{"
        + target
        + " since "
        + since
        + (until == null ? "" : " until " + until)
        + (reason.isEmpty() ? "" : ": " + reason)
        + '}';
  }
}
