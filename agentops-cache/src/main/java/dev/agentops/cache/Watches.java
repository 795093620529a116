package dev.agentops.cache;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Tells who reads, loads or writes a key whether it was changed meanwhile, by this process or
 * another.
 *
 * <p>There is one watch for each key that somebody is busy with, and none for the others. To tell
 * of a change takes no lock that is held for long. Thread-safe.
 */
final class Watches {

  private final ConcurrentMap<String, Watch> watches = new ConcurrentHashMap<>();
  private final AtomicLong changesOfAll = new AtomicLong();

  /** Runs an action that watches a key. */
  <T> T watching(String key, Function<Watch, T> action) {
    Watch watch = open(key);
    try {
      return action.apply(watch);
    } finally {
      watch.close();
    }
  }

  Watch open(String key) {
    return watches.compute(
        key,
        (k, present) -> {
          Watch watch = present == null ? new Watch(k) : present;
          watch.users++;
          return watch;
        });
  }

  /** Says that this key was changed. */
  void changed(String key) {
    Watch watch = watches.get(key);
    if (watch != null) {
      watch.change();
    }
  }

  /** Says that any key may have been changed. */
  void changedAll() {
    changesOfAll.incrementAndGet();
    watches.values().forEach(Watch::wake);
  }

  /** How many keys somebody is busy with. */
  int size() {
    return watches.size();
  }

  /** One key that somebody is busy with. */
  final class Watch {

    private final String key;
    private final AtomicLong changes = new AtomicLong();
    private final ReentrantLock writing = new ReentrantLock();
    private final CopyOnWriteArrayList<Runnable> waiters = new CopyOnWriteArrayList<>();

    /** Guarded by the map. */
    private int users;

    private Watch(String key) {
      this.key = key;
    }

    /** Another number after each change. */
    long stamp() {
      return changesOfAll.get() + changes.get(); // neither ever falls
    }

    /** Says that the key was changed, and what the stamp is now. */
    long change() {
      long mine = changes.incrementAndGet();
      wake();
      return changesOfAll.get() + mine;
    }

    /** Runs an action while nobody else of this process writes the key. */
    void writing(Runnable write) {
      writing.lock();
      try {
        write.run();
      } finally {
        writing.unlock();
      }
    }

    /** Runs a short action after each change from now on, until {@link #forget}. */
    void onChange(Runnable waiter) {
      waiters.add(waiter);
    }

    void forget(Runnable waiter) {
      waiters.remove(waiter);
    }

    void close() {
      watches.compute(
          key,
          (k, present) -> {
            users--;
            return users == 0 ? null : this;
          });
    }

    private void wake() {
      waiters.forEach(Runnable::run);
    }
  }
}
