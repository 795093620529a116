package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * What nodes of a test share: each has a store of its own, which hears what the others change at
 * once, leases keys, and can be cut off.
 */
final class InMemoryCacheServer {

  private final Clock clock;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Held> leases = new HashMap<>();
  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  InMemoryCacheServer(Clock clock) {
    this.clock = clock;
  }

  Node node() {
    Node node = new Node();
    nodes.add(node);
    return node;
  }

  synchronized Set<String> keys() {
    return Set.copyOf(entries.keySet());
  }

  synchronized int leaseCount() {
    leases.values().removeIf(held -> clock.nanoTime() - held.deadlineNanos >= 0);
    return leases.size();
  }

  private synchronized Optional<byte[]> read(String key) {
    Entry entry = entries.get(key);
    return entry == null || clock.nanoTime() - entry.deadlineNanos >= 0
        ? Optional.empty()
        : Optional.of(entry.value.clone());
  }

  private synchronized void write(
      Node by, String key, byte[] value, Duration timeToLive, Set<String> tags) {
    leases.remove(key);
    entries.put(key, new Entry(value.clone(), clock.nanoTime() + Clock.nanos(timeToLive), tags));
    tell(by, key);
  }

  private synchronized void forget(Node by, String key) {
    leases.remove(key);
    if (entries.remove(key) != null) {
      tell(by, key);
    }
  }

  private synchronized void forgetAll(Node by, Predicate<Map.Entry<String, Entry>> which) {
    leases.clear();
    List.copyOf(entries.entrySet()).stream()
        .filter(which)
        .forEach(entry -> forget(by, entry.getKey()));
  }

  private synchronized LeasingCacheStore.Claim claim(String key, String token, Duration lease) {
    Optional<byte[]> value = read(key);
    if (value.isPresent()) {
      return LeasingCacheStore.Claim.found(value.get());
    }
    Held held = leases.get(key);
    long left = held == null ? 0 : held.deadlineNanos - clock.nanoTime();
    if (left > 0) {
      return LeasingCacheStore.Claim.held(Duration.ofNanos(left));
    }
    leases.put(key, new Held(token, clock.nanoTime() + lease.toNanos()));
    return LeasingCacheStore.Claim.granted(token);
  }

  private synchronized boolean holds(String key, String token) {
    Held held = leases.get(key);
    return held != null && held.token.equals(token) && clock.nanoTime() - held.deadlineNanos < 0;
  }

  private void tell(Node by, String key) {
    nodes.stream().filter(node -> node != by).forEach(node -> node.hear(key));
  }

  private record Entry(byte[] value, long deadlineNanos, Set<String> tags) {}

  private record Held(String token, long deadlineNanos) {}

  /** One node's store. */
  final class Node implements LeasingCacheStore {

    private final AtomicReference<Runnable> onNextWrite = new AtomicReference<>();
    private final AtomicReference<Runnable> afterNextRead = new AtomicReference<>();
    private volatile boolean down;
    private volatile boolean deaf;
    private volatile Listener listener;

    /** From now on every operation throws. */
    void goDown() {
      down = true;
    }

    /** Works again. */
    void comeBack() {
      down = false;
    }

    /** Hears nothing until it hears again, as a store whose connection is lost. */
    void goDeaf() {
      deaf = true;
    }

    void hearAgain() {
      deaf = false;
      listener.changedAll();
    }

    /** Runs in the next write, before it happens. */
    void beforeNextWrite(Runnable action) {
      onNextWrite.set(action);
    }

    /** Runs once the next read has its answer, before the reader has it. */
    void afterNextRead(Runnable action) {
      afterNextRead.set(action);
    }

    @Override
    public String name() {
      return "shared";
    }

    @Override
    public Optional<byte[]> get(String key) {
      check();
      Optional<byte[]> value = read(key);
      run(afterNextRead);
      return value;
    }

    @Override
    public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
      check();
      run(onNextWrite);
      write(this, key, value, timeToLive, tags);
    }

    @Override
    public void delete(String key) {
      check();
      run(onNextWrite);
      forget(this, key);
    }

    @Override
    public void deleteByPrefix(String prefix) {
      check();
      run(onNextWrite);
      forgetAll(this, entry -> entry.getKey().startsWith(prefix));
    }

    @Override
    public void deleteByTag(String tag) {
      check();
      run(onNextWrite);
      forgetAll(this, entry -> entry.getValue().tags.contains(tag));
    }

    @Override
    public void clear() {
      check();
      run(onNextWrite);
      forgetAll(this, entry -> true);
    }

    @Override
    public Claim claim(String key, String token, Duration lease) {
      check();
      Claim claim = InMemoryCacheServer.this.claim(key, token, lease);
      run(afterNextRead);
      return claim;
    }

    @Override
    public boolean renew(String key, String token, Duration lease) {
      check();
      synchronized (InMemoryCacheServer.this) {
        boolean holds = holds(key, token);
        if (holds) {
          leases.put(key, new Held(token, clock.nanoTime() + lease.toNanos()));
        }
        return holds;
      }
    }

    @Override
    public boolean putAndRelease(
        String key, String token, byte[] value, Duration timeToLive, Set<String> tags) {
      check();
      run(onNextWrite);
      synchronized (InMemoryCacheServer.this) {
        boolean holds = holds(key, token);
        if (holds) {
          write(this, key, value, timeToLive, tags);
        }
        return holds;
      }
    }

    @Override
    public void release(String key, String token) {
      check();
      synchronized (InMemoryCacheServer.this) {
        if (holds(key, token)) {
          leases.remove(key);
        }
      }
    }

    @Override
    public void listen(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void check() {
      if (down) {
        throw new IllegalStateException("down");
      }
    }

    private void hear(String key) {
      if (!deaf && listener != null) {
        listener.changed(key);
      }
    }

    private void run(AtomicReference<Runnable> hook) {
      Runnable action = hook.getAndSet(null);
      if (action != null) {
        action.run();
      }
    }
  }
}
