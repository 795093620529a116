package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs the items of one batch, again where a limit says when to come back. Thread-safe. */
final class ItemRunner<T, R> {

  /** The first pause after a refusal that asks for none, or for less; doubled with each. */
  private static final Duration LEAST_PAUSE = Duration.ofMillis(10);

  private static final int MOST_DOUBLINGS = 7;

  private final BatchSettings<T, R> settings;
  private final Context context;
  private final @Nullable Deadline deadline;
  private final LimitGate gate;

  ItemRunner(BatchSettings<T, R> settings, Context context) {
    this.settings = settings;
    this.context = context;
    deadline = Deadline.of(context);
    gate = new LimitGate(settings.clock());
  }

  /** Never throws. */
  BatchItem<T, R> run(Slot<T> slot, Interruption interruption) {
    try {
      return succeed(slot, interruption.in(context.listening(slot.tally())));
    } catch (Throwable t) { // an Error, too, is told where it belongs
      boolean late = deadline != null && deadline.hasPassed();
      return late || interruption.isRequested()
          ? BatchItem.cancelled(slot, t)
          : BatchItem.failed(slot, t);
    }
  }

  private BatchItem<T, R> succeed(Slot<T> slot, Context own) throws InterruptedException {
    Duration left = settings.maxLimitWait();
    long before = settings.clock().nanoTime();
    boolean turn = !left.isZero() && gate.enter(left);
    left = left.minusNanos(settings.clock().nanoTime() - before);
    int hasty = 0;
    while (true) {
      CallRejectedException refusal;
      boolean ended = true;
      try {
        return attempt(slot, own);
      } catch (CallRejectedException e) {
        refusal = e;
        Duration told = e.isFinal() ? null : settings.retryAfter(e);
        boolean less = told != null && told.compareTo(LEAST_PAUSE) < 0;
        Duration pause = less ? pause(hasty++) : told;
        if (pause == null || !mayWait(pause, left)) {
          throw e;
        }
        ended = false;
        before = settings.clock().nanoTime();
        boolean had = turn;
        turn = false;
        turn = waitAfter(e, had, pause, left);
        left = left.minusNanos(settings.clock().nanoTime() - before);
      } finally {
        if (ended && turn) {
          gate.ended();
        }
      }
      if (!turn) {
        throw refusal;
      }
    }
  }

  private boolean waitAfter(
      CallRejectedException refusal, boolean turn, Duration pause, Duration most) {
    try {
      return gate.refused(turn, pause, most);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Throwables.caused(refusal, e);
    }
  }

  private BatchItem<T, R> attempt(Slot<T> slot, Context own) {
    slot.begin();
    try (Scope ignored = own.makeCurrent()) {
      R response = settings.function().apply(slot.input());
      return BatchItem.succeeded(
          slot, Objects.requireNonNull(response, "the function answered with null"));
    }
  }

  private static Duration pause(int doublings) {
    return LEAST_PAUSE.multipliedBy(1L << Math.min(doublings, MOST_DOUBLINGS));
  }

  private boolean mayWait(Duration pause, Duration left) {
    return pause.compareTo(left) <= 0
        && (deadline == null || pause.compareTo(deadline.remaining()) < 0);
  }
}
