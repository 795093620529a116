package dev.agentops.resilience;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one item of a {@link Batch}. Immutable, as far as the input and the response are.
 *
 * @param <T> what went in
 * @param <R> what came out
 */
public final class BatchItem<T, R> {

  /** How an item ended. */
  public enum Status {
    /** It has a response. */
    SUCCEEDED,
    /** It threw, or was refused for longer than the batch may wait. */
    FAILED,
    /** The batch ended before it: it was broken off, or never begun. */
    CANCELLED
  }

  private final long index;
  private final T input;
  private final Status status;
  private final @Nullable R response;
  private final @Nullable Throwable error;
  private final int attempts;
  private final Duration duration;
  private final Tally.Sum sum;

  private BatchItem(
      Slot<T> slot, Status status, @Nullable R response, @Nullable Throwable error, Tally.Sum sum) {
    index = slot.index();
    input = slot.input();
    attempts = slot.attempts();
    duration = slot.elapsed();
    this.status = status;
    this.response = response;
    this.error = error;
    this.sum = sum;
  }

  static <T, R> BatchItem<T, R> succeeded(Slot<T> slot, R response) {
    return new BatchItem<>(slot, Status.SUCCEEDED, response, null, slot.tally().sum(response));
  }

  static <T, R> BatchItem<T, R> failed(Slot<T> slot, Throwable error) {
    return new BatchItem<>(slot, Status.FAILED, null, error, slot.tally().sum(null));
  }

  static <T, R> BatchItem<T, R> cancelled(Slot<T> slot, @Nullable Throwable error) {
    return new BatchItem<>(slot, Status.CANCELLED, null, error, slot.tally().sum(null));
  }

  /** The same at another place, for one that was run again. */
  BatchItem<T, R> at(long index) {
    return new BatchItem<>(this, index);
  }

  private BatchItem(BatchItem<T, R> from, long index) {
    this.index = index;
    input = from.input;
    status = from.status;
    response = from.response;
    error = from.error;
    attempts = from.attempts;
    duration = from.duration;
    sum = from.sum;
  }

  /** Its place among the inputs, from 0. */
  public long index() {
    return index;
  }

  /** What went in. */
  public T input() {
    return input;
  }

  public Status status() {
    return status;
  }

  public boolean isSuccess() {
    return status == Status.SUCCEEDED;
  }

  /** What came out; empty unless it succeeded. */
  public Optional<R> response() {
    return Optional.ofNullable(response);
  }

  /** What it threw; empty where it succeeded, and where it was cancelled before it threw. */
  public Optional<Throwable> error() {
    return Optional.ofNullable(error);
  }

  /** How often it was begun: 0 where it never was, more than 1 where it waited for a limit. */
  public int attempts() {
    return attempts;
  }

  /** How long it took, waits for limits included; zero where it was never begun. */
  public Duration duration() {
    return duration;
  }

  /**
   * What its model calls consumed, those that failed included: as an {@link dev.agentops.AgentOps}
   * tells of them, else as the response does; empty where neither tells.
   */
  public Optional<Usage> usage() {
    return Optional.ofNullable(sum.usage());
  }

  /** What its model calls cost, as far as an {@link dev.agentops.AgentOps} prices them. */
  public Optional<Cost> cost() {
    return Optional.ofNullable(sum.cost());
  }

  Tally.Sum sum() {
    return sum;
  }

  @Override
  public String toString() {
    return "BatchItem{"
        + index
        + ' '
        + status
        + (error == null ? "" : ", error=" + Objects.toString(error))
        + '}';
  }
}
