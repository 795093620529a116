package dev.agentops.cache;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time write a key to all levels, and tells a reader of a slow level whether a
 * key may have been written meanwhile, so that it does not promote its value over a newer one.
 *
 * <p>A stamp counts the writes that are under way (low bits) and those that have ended (high bits)
 * of all keys that share a stripe. A collision costs a short wait or a promotion and nothing else.
 * Thread-safe.
 */
final class WriteStamps {

  private static final int STRIPES = 1024;
  private static final long ENDED = 1L << 20;
  private static final long UNDER_WAY = ENDED - 1;

  private final AtomicLongArray stamps = new AtomicLongArray(STRIPES);
  private final ReentrantLock[] locks = new ReentrantLock[STRIPES];

  WriteStamps() {
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  long read(String key) {
    return stamps.get(stripe(key));
  }

  /** Whether no write was under way when this stamp was read. */
  private static boolean quiet(long stamp) {
    return (stamp & UNDER_WAY) == 0;
  }

  void write(String key, Runnable write) {
    int stripe = stripe(key);
    locks[stripe].lock();
    stamps.incrementAndGet(stripe);
    try {
      write.run();
    } finally {
      end(stripe);
      locks[stripe].unlock();
    }
  }

  /**
   * Runs a short action while no single key of the stripe is being written, provided that none was
   * since the stamp was read. Without the lock a write could pass between the look at the stamp and
   * the action.
   *
   * @return the action's result, or null if it did not run
   */
  <T> @Nullable T ifUnchanged(String key, long stamp, Supplier<@Nullable T> action) {
    int stripe = stripe(key);
    if (!quiet(stamp) || !locks[stripe].tryLock()) {
      return null;
    }
    try {
      return stamps.get(stripe) == stamp ? action.get() : null;
    } finally {
      locks[stripe].unlock();
    }
  }

  /**
   * A write to every key. Does not wait for the writes of single keys, since it may come before or
   * after them.
   */
  void writeAll(Runnable write) {
    for (int i = 0; i < STRIPES; i++) {
      stamps.incrementAndGet(i);
    }
    try {
      write.run();
    } finally {
      for (int i = 0; i < STRIPES; i++) {
        end(i);
      }
    }
  }

  private void end(int stripe) {
    stamps.addAndGet(stripe, ENDED - 1);
  }

  private static int stripe(String key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (STRIPES - 1);
  }
}
