package dev.agentops.resilience;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the items of one batch from running against a limit all at once: after a refusal one waits
 * as long as it says and tries, and the others stand in line behind it. Once that one has got
 * through, or has not been refused for a while, one of the line follows, then two, then four.
 * Thread-safe.
 */
final class LimitGate {

  /** A limit refuses at once; what has taken so long is with the model. */
  private static final Duration PATIENCE = Duration.ofMillis(20);

  private static final int MOST_AT_ONCE = 1 << 16;

  private final Clock clock;
  private final Deque<CountDownLatch> line = new ArrayDeque<>();
  private boolean shut;
  private int pausing;
  private int trying;
  private int atOnce = 1;
  private Clock.@Nullable Timer patience;

  LimitGate(Clock clock) {
    this.clock = clock;
  }

  /**
   * Waits for its turn where others have been refused.
   *
   * @return whether it has been given a turn, and has to tell how that {@link #ended}
   */
  boolean enter(Duration most) throws InterruptedException {
    CountDownLatch turn = new CountDownLatch(1);
    synchronized (this) {
      if (!shut) {
        return false;
      }
      line.addLast(turn);
      hasten();
    }
    return await(turn, most);
  }

  /**
   * Waits after a refusal: as long as that says, or for its turn.
   *
   * @param turn whether it was tried in a turn, which ends with this
   * @param pause what the refusal says
   * @param most how long it may stand in line
   * @return whether it has been given another turn; false if it took too long
   */
  boolean refused(boolean turn, Duration pause, Duration most) throws InterruptedException {
    CountDownLatch next = new CountDownLatch(1);
    boolean first;
    synchronized (this) {
      trying -= turn ? 1 : 0;
      shut = true;
      atOnce = 1;
      first = pausing == 0;
      if (first) {
        pausing++;
      } else if (turn) {
        line.addFirst(next); // it has waited longest
      } else {
        line.addLast(next);
      }
    }
    if (!first) {
      return await(next, most);
    }
    Clock.Timer timer = clock.schedule(pause, next::countDown);
    try {
      next.await();
      paused();
      return true;
    } catch (InterruptedException e) {
      paused();
      ended();
      throw e;
    } finally {
      timer.cancel();
    }
  }

  private synchronized void paused() {
    pausing--;
    trying++;
    hasten();
  }

  /** A turn was used, and not refused again. */
  synchronized void ended() {
    trying--;
    advance();
  }

  private boolean await(CountDownLatch turn, Duration most) throws InterruptedException {
    Clock.Timer timer = clock.schedule(most, turn::countDown);
    try {
      turn.await();
      return !leave(turn);
    } catch (InterruptedException e) {
      if (!leave(turn)) { // it was its turn, which goes to another
        ended();
      }
      throw e;
    } finally {
      timer.cancel();
    }
  }

  /** Leaves the line; false where it was let go already. */
  private synchronized boolean leave(CountDownLatch turn) {
    return line.remove(turn);
  }

  /** Lets some more of the line try, unless somebody waits as a refusal says. */
  private synchronized void advance() {
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
    if (pausing > 0) {
      return;
    }
    for (int i = 0; i < atOnce && !line.isEmpty(); i++) {
      trying++;
      line.removeFirst().countDown();
    }
    atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
    shut = !line.isEmpty();
    hasten();
  }

  /** Somebody is in line while others try: they may take long. */
  private void hasten() {
    if (trying > 0 && pausing == 0 && !line.isEmpty() && patience == null) {
      patience = clock.schedule(PATIENCE, this::advance);
    }
  }
}
