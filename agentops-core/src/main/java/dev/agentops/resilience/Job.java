package dev.agentops.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Work for a {@link WorkQueue}, and how it wants to be treated there. Immutable.
 *
 * @param <T> what the work results in
 */
public final class Job<T> {

  private final Callable<T> work;
  private final int priority;
  private final String key;
  private final @Nullable Duration timeout;

  private Job(Callable<T> work, int priority, String key, @Nullable Duration timeout) {
    this.work = work;
    this.priority = priority;
    this.key = key;
    this.timeout = timeout;
  }

  /** A job of priority 0, without a key and a timeout. */
  public static <T> Job<T> of(Callable<T> work) {
    return new Job<>(Objects.requireNonNull(work, "work"), 0, "", null);
  }

  /** The same, ahead of all jobs of a lower priority. */
  public Job<T> priority(int priority) {
    return new Job<>(work, priority, key, timeout);
  }

  /** The same, for somebody: those of one priority take turns by key, such as a tenant. */
  public Job<T> key(String key) {
    return new Job<>(work, priority, Objects.requireNonNull(key, "key"), timeout);
  }

  /**
   * The same, with a time to wait and run, from being submitted: then it is taken out of the queue,
   * or interrupted. An earlier {@link dev.agentops.Deadline} of the submitter's goes before.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Job<T> timeout(Duration timeout) {
    return new Job<>(work, priority, key, Checks.positive("timeout", timeout));
  }

  /** The work itself, for one that {@link WorkQueue#drain} returned. */
  public Callable<T> work() {
    return work;
  }

  /** Its priority; 0 unless said. */
  public int priority() {
    return priority;
  }

  /** For whom it is; empty unless said. */
  public String key() {
    return key;
  }

  /** Its time to wait and run; null where it has all the time. */
  public @Nullable Duration timeout() {
    return timeout;
  }

  @Override
  public String toString() {
    return "Job{priority="
        + priority
        + (key.isEmpty() ? "" : ", key=" + key)
        + (timeout == null ? "" : ", timeout=" + timeout)
        + '}';
  }
}
