package dev.agentops.guard;

import dev.agentops.CallRejectedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call was refused because somebody has thrown a kill switch that it falls under. */
public final class RunKilledException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final transient Kill kill;
  private final @Nullable Duration retryAfter;

  RunKilledException(Kill kill, @Nullable Duration retryAfter) {
    super(
        "killed by the switch of "
            + kill.target()
            + (kill.reason().isEmpty() ? "" : ": " + kill.reason()));
    this.kill = kill;
    this.retryAfter = retryAfter;
  }

  /** The switch: whom it stops, why, and since when. */
  public Kill kill() {
    return kill;
  }

  /** How long the switch stays; null where that is until it is taken back. */
  @Override
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Always true: no other try and no other model may go on with it. */
  @Override
  public boolean isFinal() {
    return true;
  }
}
