package dev.agentops.guard;

import dev.agentops.Attributes;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run as it was when it was asked for. Immutable. */
public final class RunStatus {

  private final String runId;
  private final String agent;
  private final Attributes attributes;
  private final Instant startTime;
  private final RunSpending spent;
  private final RunLimits limits;
  private final @Nullable RunBound stoppedBy;
  private final @Nullable Kill kill;

  RunStatus(Account account, @Nullable Kill kill) {
    this.runId = account.runId();
    this.agent = account.agent();
    this.attributes = account.attributes();
    this.startTime = account.startTime();
    this.spent = account.spending();
    this.limits = account.limits();
    this.stoppedBy = account.stoppedBy();
    this.kill = kill;
  }

  public String runId() {
    return runId;
  }

  /** The outermost agent, by name. */
  public String agent() {
    return agent;
  }

  /** Whom the run is for; empty where the scope around it does not tell. */
  public Optional<String> user() {
    return Optional.ofNullable(attributes.text(Attributes.USER_ID));
  }

  /** As {@link #user()}. */
  public Optional<String> tenant() {
    return Optional.ofNullable(attributes.text(Attributes.TENANT));
  }

  public Instant startTime() {
    return startTime;
  }

  public RunSpending spent() {
    return spent;
  }

  public RunLimits limits() {
    return limits;
  }

  /** The limit that has stopped it; empty while none has. */
  public Optional<RunBound> stoppedBy() {
    return Optional.ofNullable(stoppedBy);
  }

  /** The kill switch that it falls under; empty for none. */
  public Optional<Kill> killedBy() {
    return Optional.ofNullable(kill);
  }

  @Override
  public String toString() {
    return "RunStatus{"
        + runId
        + " of '"
        + agent
        + "' since "
        + startTime
        + (stoppedBy == null ? "" : ", stopped by " + stoppedBy.limitName())
        + (kill == null ? "" : ", " + kill)
        + ", spent "
        + spent
        + '}';
  }
}
