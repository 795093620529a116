package dev.agentops.cost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The account of one key of a budget, kept in this process. Reserving is one compare-and-set and
 * settling two: no caller waits for another, and nothing is allocated.
 *
 * <p>Two counters only grow, over all windows: what is spent, and what is taken, which is that and
 * what running calls have reserved. A window remembers what was spent when it began; the difference
 * is its spending. So a window begins without touching a counter, a reservation goes on in the next
 * window, and a call that outlives its window is charged where it ends. Counters may wrap, as long
 * as differences fit: those stop to grow at {@link #CEILING}.
 */
final class BudgetAccount {

  /** Instead of an amount: there is no room. */
  static final long REFUSED = -1;

  /** Instead of an amount: the account was closed, and the key has a new one. */
  static final long GONE = -2;

  /** What a window counts at most. */
  static final long CEILING = Long.MAX_VALUE / 2;

  private static final long CLOSED = Long.MIN_VALUE;
  private static final VarHandle TAKEN;
  private static final VarHandle SPENT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAKEN = lookup.findVarHandle(BudgetAccount.class, "taken", long.class);
      SPENT = lookup.findVarHandle(BudgetAccount.class, "spent", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final BudgetKeeper keeper;
  private final String key;
  private final CurrentWindow windows;
  private volatile long taken;
  private volatile long spent;
  private volatile Slice slice;
  private volatile @Nullable Increase increase;
  private volatile long usedAt;

  /** The limit with which it was last settled; guarded by this where it changes. */
  private volatile long lastLimit;

  /** The slices before, oldest first; guarded by this. */
  private final Deque<Past> past = new ArrayDeque<>();

  /** Until when each mark is not told again; guarded by this. */
  private long[] quietUntil = {};

  BudgetAccount(BudgetKeeper keeper, String key, CurrentWindow windows) {
    this.keeper = keeper;
    this.key = key;
    this.windows = windows;
    this.slice = new Slice(windows.latest(), 0, 0);
    this.lastLimit = keeper.limit();
  }

  BudgetKeeper keeper() {
    return keeper;
  }

  /** What messages and events call it. */
  String key() {
    return key;
  }

  /** Whether an amount has room, at this moment. */
  boolean fits(BudgetWindow window, long amount, long limit, long nowMillis) {
    return fits(taken - base(window), amount, limit, nowMillis);
  }

  /**
   * Takes an amount, or what is left of the limit where an amount above it is let through because
   * nothing is taken yet.
   *
   * @return what is held, {@link #REFUSED} or {@link #GONE}
   */
  long reserve(BudgetWindow window, long amount, long limit, boolean rejecting, long nowMillis) {
    long base = base(window);
    while (true) {
      long before = taken;
      if (before == CLOSED) {
        return GONE;
      }
      long used = before - base;
      long held = amount;
      if (!rejecting) {
        held = atMostLeft(amount, CEILING, used);
      } else if (amount > limit - used || used >= limit) {
        if (!fits(used, amount, limit, nowMillis)) {
          return REFUSED;
        }
        held = atMostLeft(amount, limit(limit, nowMillis), used);
      }
      if (TAKEN.compareAndSet(this, before, before + held)) {
        return held;
      }
    }
  }

  /** Gives back what was held. */
  void release(long held) {
    if (held != 0) { // an account of which something is held is not closed
      TAKEN.getAndAdd(this, -held);
    }
  }

  /**
   * Gives back what was held and spends the real cost.
   *
   * @return what the window has spent with it, or {@link Long#MIN_VALUE} where the account was
   *     closed
   */
  long settle(BudgetWindow window, long held, long cost) {
    long base = base(window);
    long charged;
    long before;
    do {
      before = taken;
      if (before == CLOSED) {
        return Long.MIN_VALUE;
      }
      charged = atMostLeft(cost, CEILING, before - base);
    } while (!TAKEN.compareAndSet(this, before, before - held + charged));
    return (long) SPENT.getAndAdd(this, charged) + charged - base;
  }

  BudgetBalance balance(BudgetWindow window, long limit, long nowMillis) {
    long base = base(window);
    long all = spent;
    long reserved = Math.max(0, taken - all); // both move meanwhile
    return BudgetBalance.of(all - base, reserved, limit(limit, nowMillis));
  }

  /** The limit and the increase that holds now. */
  long limit(long limit, long nowMillis) {
    Increase now = increase;
    return now == null || nowMillis >= now.untilMillis ? limit : Math.min(CEILING, limit + now.by);
  }

  /** Raises the limit; false if the account was closed. */
  synchronized boolean increase(long by, Instant until) {
    if (taken == CLOSED) {
      return false;
    }
    increase =
        by == 0
            ? null
            : new Increase(by, Math.min(until.getEpochSecond(), CEILING / 1_000) * 1_000);
    return true;
  }

  /**
   * The limit of the settlement before the one that has this limit, where it was higher; one of
   * those that come after an increase learns of it.
   */
  long limitBefore(long limit) {
    if (lastLimit == limit) {
      return limit;
    }
    synchronized (this) {
      long before = lastLimit;
      lastLimit = limit;
      return Math.max(before, limit);
    }
  }

  /** Forgets what was spent in the window. */
  synchronized void reset() {
    BudgetWindow window = moved().window;
    past.removeIf(before -> before.startMillis >= window.countsFromMillis());
    long all = spent;
    slice = new Slice(window, all, all);
    quietUntil = new long[0];
  }

  /** What was spent in each slice that is kept, by its start. */
  synchronized SortedMap<Instant, Long> history(BudgetWindow window) {
    base(window);
    SortedMap<Instant, Long> history = new TreeMap<>();
    past.forEach(before -> history.put(Instant.ofEpochMilli(before.startMillis), before.spent));
    long now = spent - slice.startedAt;
    if (now != 0) {
      history.put(Instant.ofEpochMilli(slice.window.startMillis()), now);
    }
    return history;
  }

  /** Whether a mark is to be told now, and then not again until a time. */
  synchronized boolean tells(int mark, int marks, long nowMillis, long untilMillis) {
    if (quietUntil.length < marks) {
      quietUntil = Arrays.copyOf(quietUntil, marks);
    }
    boolean tells = nowMillis >= quietUntil[mark];
    if (tells) {
      quietUntil[mark] = untilMillis;
    }
    return tells;
  }

  /** Closes an account that holds nothing, not even an increase: nobody spends in it any more. */
  synchronized boolean close(long nowMillis) {
    Increase now = increase;
    if (now != null && nowMillis < now.untilMillis) {
      return false;
    }
    long all = spent;
    return TAKEN.compareAndSet(this, all, CLOSED);
  }

  /** Whether nothing that counts was spent. */
  boolean over(BudgetWindow window) {
    return slice.window.startMillis() < window.countsFromMillis();
  }

  /** How many accounts had been opened when it was last used. */
  long usedAt() {
    return usedAt;
  }

  void usedAt(long opened) {
    if (usedAt != opened) { // a write would be seen by all cores
      usedAt = opened;
    }
  }

  private boolean fits(long used, long amount, long limit, long nowMillis) {
    if (used == 0) {
      return true;
    }
    long most = increase == null ? limit : limit(limit, nowMillis);
    return used < most && amount <= most - used;
  }

  private static long atMostLeft(long amount, long limit, long used) {
    return amount <= limit - used ? amount : Math.max(0, limit - used);
  }

  /** What was spent before this window. */
  private long base(BudgetWindow window) {
    Slice current = slice;
    return current.window == window ? current.base : moved().base;
  }

  /**
   * Begins the latest window: a thread that was late does not bring back the one before. Where the
   * clock went back, what was spent since then is spent in the earlier window.
   */
  private synchronized Slice moved() {
    BudgetWindow window = windows.latest();
    Slice last = slice;
    if (last.window == window) {
      return last;
    }
    long startedAt = spent;
    if (window.startMillis() > last.window.startMillis()) {
      if (startedAt != last.startedAt) {
        past.addLast(new Past(last.window.startMillis(), startedAt - last.startedAt));
      }
    } else {
      startedAt = last.startedAt;
      while (!past.isEmpty() && past.getLast().startMillis >= window.startMillis()) {
        startedAt -= past.removeLast().spent;
      }
    }
    while (!past.isEmpty() && past.getFirst().startMillis < window.keepFromMillis()) {
      past.removeFirst();
    }
    long base = startedAt;
    for (Past before : past) {
      if (before.startMillis >= window.countsFromMillis()) {
        base -= before.spent;
      }
    }
    slice = new Slice(window, startedAt, base);
    return slice;
  }

  /**
   * The current window of the account.
   *
   * @param startedAt what was spent when it began
   * @param base what was spent when the first slice that counts began
   */
  private record Slice(BudgetWindow window, long startedAt, long base) {}

  /** What was spent in an earlier slice. */
  private record Past(long startMillis, long spent) {}

  /** A limit that is raised for a while. */
  private record Increase(long by, long untilMillis) {}
}
