package dev.agentops;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time by which work must be done: a point of a {@link Clock}'s monotonic time. Immutable.
 *
 * <p>It travels in the {@link Context}: what runs inside the scope that {@link #open()} gives, on
 * whatever thread the context is carried to, sees it as {@link #current()}. A deadline further in
 * can only be earlier. Limiters never wait past it, retries do not begin after it, and a model call
 * that is under way is broken off when it comes, as far as its client allows that.
 */
public final class Deadline {

  private static final Key<Deadline> KEY = Key.of("deadline");

  private final Clock clock;
  private final long nanos;

  private Deadline(Clock clock, long nanos) {
    this.clock = clock;
    this.nanos = nanos;
  }

  /**
   * So long from now, by the clock of the JVM.
   *
   * @param time zero or negative for a deadline that has passed
   */
  public static Deadline after(Duration time) {
    return after(time, Clock.system());
  }

  /** So long from now, by this clock. */
  public static Deadline after(Duration time, Clock clock) {
    return new Deadline(clock, clock.nanoTime() + Math.max(0, Clock.nanos(time)));
  }

  /** The deadline of the current context; null where it has none. */
  public static @Nullable Deadline current() {
    return of(Context.current());
  }

  /** The deadline of a context; null where it has none. */
  public static @Nullable Deadline of(Context context) {
    return context.get(KEY);
  }

  /** How much time is left; zero once it has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - clock.nanoTime()));
  }

  public boolean hasPassed() {
    return nanos - clock.nanoTime() <= 0;
  }

  /** What is left of a wait that would take so long: that, or less. */
  public Duration cut(Duration wait) {
    Duration remaining = remaining();
    return wait.compareTo(remaining) < 0 ? wait : remaining;
  }

  /** The context with this deadline, unless it has an earlier one. */
  public Context in(Context context) {
    Deadline other = of(context);
    return other != null && other.remaining().compareTo(remaining()) <= 0
        ? context
        : context.with(KEY, this);
  }

  /** Sets this deadline for what the thread does until the scope is closed. */
  public Scope open() {
    return in(Context.current()).makeCurrent();
  }

  /** Runs a task when it comes, by the clock that it is measured by. */
  Clock.Timer schedule(Runnable task) {
    return clock.schedule(remaining(), task);
  }

  @Override
  public String toString() {
    return "Deadline{in " + remaining() + '}';
  }
}
