package dev.agentops.ratelimit.redis;

import static dev.agentops.ratelimit.RateLimitStore.Cell;
import static dev.agentops.ratelimit.RateLimitStore.Decision;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The keys that are asked for now, of which something may be taken ahead. Thread-safe. */
final class HotKeys {

  /** More are not taken ahead of. */
  private static final int MAXIMUM_KEYS = 10_000;

  private final Steps steps;
  private final long most;
  private final long keptNanos;
  private final ConcurrentMap<List<String>, HotKey> keys = new ConcurrentHashMap<>();

  HotKeys(Steps steps, long most, long keptNanos) {
    this.steps = steps;
    this.most = most;
    this.keptNanos = keptNanos;
  }

  Decision take(List<Cell> cells, long maxWaitNanos) {
    List<String> names = names(cells);
    HotKey key = keys.get(names);
    if (key == null) {
      if (keys.size() >= MAXIMUM_KEYS) {
        return steps.take(cells, maxWaitNanos);
      }
      key = keys.computeIfAbsent(names, all -> new HotKey(steps, most, keptNanos));
    }
    return key.take(cells, maxWaitNanos);
  }

  boolean fits(List<Cell> cells) {
    HotKey key = keys.get(names(cells));
    return key != null && key.fits(cells);
  }

  /** Something of the cells was given back. */
  void changed(List<Cell> cells) {
    HotKey key = keys.get(names(cells));
    if (key != null) {
      key.changed();
    }
  }

  /** Gives back all that was taken ahead of a key, alone or with others. */
  void end(String key) {
    keys.forEach(
        (names, hot) -> {
          if (names.contains(key)) {
            hot.end();
          }
        });
  }

  void endAll() {
    keys.values().forEach(HotKey::end);
  }

  /** Gives back what nobody took in time, and forgets the keys that nobody asked for. */
  void tidy() {
    keys.forEach(
        (names, hot) -> {
          if (!hot.tidy()) {
            keys.remove(names, hot);
            hot.end(); // what somebody has put there who had found it before
          }
        });
  }

  private static List<String> names(List<Cell> cells) {
    return cells.size() == 1 ? List.of(cells.get(0).key()) : cells.stream().map(Cell::key).toList();
  }
}
