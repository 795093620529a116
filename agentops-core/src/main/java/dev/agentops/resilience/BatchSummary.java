package dev.agentops.resilience;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How far a {@link Batch} is, or how it ended. Immutable. */
public final class BatchSummary {

  /** Why a batch ended. */
  public enum End {
    /** All items had their turn. */
    COMPLETED,
    /** One failed, and that was to end the batch. */
    FAILED_FAST,
    /** It was cancelled, or the thread that waited for it was interrupted. */
    CANCELLED,
    /** Its time was over. */
    TIMED_OUT
  }

  private final String id;
  private final @Nullable Long total;
  private final long succeeded;
  private final long failed;
  private final long cancelled;
  private final Duration duration;
  private final Tally.Sum sum;
  private final @Nullable End end;

  private BatchSummary(
      String id,
      @Nullable Long total,
      long succeeded,
      long failed,
      long cancelled,
      Duration duration,
      Tally.Sum sum,
      @Nullable End end) {
    this.id = id;
    this.total = total;
    this.succeeded = succeeded;
    this.failed = failed;
    this.cancelled = cancelled;
    this.duration = duration;
    this.sum = sum;
    this.end = end;
  }

  static BatchSummary begin(String id, @Nullable Long total) {
    return new BatchSummary(id, total, 0, 0, 0, Duration.ZERO, Tally.Sum.NOTHING, null);
  }

  BatchSummary plus(BatchItem<?, ?> item) {
    return new BatchSummary(
        id,
        total,
        succeeded + (item.status() == BatchItem.Status.SUCCEEDED ? 1 : 0),
        failed + (item.status() == BatchItem.Status.FAILED ? 1 : 0),
        cancelled + (item.status() == BatchItem.Status.CANCELLED ? 1 : 0),
        duration,
        sum.plus(item.sum()),
        end);
  }

  BatchSummary after(Duration duration) {
    return new BatchSummary(id, total, succeeded, failed, cancelled, duration, sum, end);
  }

  BatchSummary ended(End end) {
    return new BatchSummary(id, total, succeeded, failed, cancelled, duration, sum, end);
  }

  /** This one, after those of its items that had not succeeded were run again. */
  BatchSummary retried(BatchSummary again) {
    return new BatchSummary(
        id,
        total,
        succeeded + again.succeeded,
        again.failed,
        again.cancelled,
        duration.plus(again.duration),
        sum.plus(again.sum),
        again.end);
  }

  /** The batch's id, which all its calls carry as {@value Batch#ID}. */
  public String id() {
    return id;
  }

  /** How many items there are; empty where the source does not tell before its end. */
  public OptionalLong total() {
    return total == null ? OptionalLong.empty() : OptionalLong.of(total);
  }

  /** How many items had their end, of whatever kind. */
  public long done() {
    return succeeded + failed + cancelled;
  }

  public long succeeded() {
    return succeeded;
  }

  public long failed() {
    return failed;
  }

  /** How many were broken off or, of a list, never begun. */
  public long cancelled() {
    return cancelled;
  }

  /** How long the batch has been going on, or took. */
  public Duration duration() {
    return duration;
  }

  /** What all model calls consumed; empty where nobody told. See {@link BatchItem#usage()}. */
  public Optional<Usage> usage() {
    return Optional.ofNullable(sum.usage());
  }

  /** What all model calls cost, as far as that is known. See {@link BatchItem#cost()}. */
  public Optional<Cost> cost() {
    return Optional.ofNullable(sum.cost());
  }

  /** Why it ended; empty while it goes on. */
  public Optional<End> end() {
    return Optional.ofNullable(end);
  }

  @Override
  public String toString() {
    return "BatchSummary{"
        + done()
        + " of "
        + (total == null ? "?" : total)
        + ", succeeded="
        + succeeded
        + ", failed="
        + failed
        + ", cancelled="
        + cancelled
        + ", duration="
        + duration
        + (sum.usage() == null ? "" : ", usage=" + sum.usage())
        + (sum.cost() == null ? "" : ", cost=" + sum.cost())
        + (end == null ? "" : ", " + end)
        + '}';
  }
}
