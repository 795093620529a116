package dev.agentops.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * A store that keeps things for ever and can fail in every way: before or after it did what it was
 * asked.
 */
final class FaultyCacheStore implements LeasingCacheStore {

  private static final String TOKEN = "token";

  private final Map<String, byte[]> values = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> tags = new ConcurrentHashMap<>();
  private final Set<String> leases = ConcurrentHashMap.newKeySet();
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private volatile Function<String, Throwable> before = operation -> null;
  private volatile Function<String, Throwable> after = operation -> null;
  private volatile CountDownLatch hanging = new CountDownLatch(0);

  /** What an operation throws, null for nothing, without having done anything. */
  FaultyCacheStore failBefore(Function<String, Throwable> failure) {
    before = failure;
    return this;
  }

  /** The same after having done what was asked. */
  FaultyCacheStore failAfter(Function<String, Throwable> failure) {
    after = failure;
    return this;
  }

  FaultyCacheStore mend() {
    before = operation -> null;
    after = operation -> null;
    return this;
  }

  /** From now on {@link #check} does not return unless its thread is interrupted. */
  void hangInCheck() {
    hanging = new CountDownLatch(1);
  }

  /** The operations that were asked for since the last call, with their keys. */
  List<String> calls() {
    synchronized (calls) {
      List<String> copy = List.copyOf(calls);
      calls.clear();
      return copy;
    }
  }

  Map<String, byte[]> values() {
    return values;
  }

  @Override
  public String name() {
    return "faulty";
  }

  @Override
  public Optional<byte[]> get(String key) {
    return run("get", key, () -> Optional.ofNullable(values.get(key)));
  }

  @Override
  public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
    run("put", key, () -> keep(key, value, tags));
  }

  @Override
  public void delete(String key) {
    run("delete", key, () -> forget(Set.of(key)));
  }

  @Override
  public void deleteByPrefix(String prefix) {
    run(
        "deleteByPrefix",
        prefix,
        () -> {
          Set<String> gone = new HashSet<>(values.keySet());
          gone.removeIf(key -> !key.startsWith(prefix));
          return forget(gone);
        });
  }

  @Override
  public void deleteByTag(String tag) {
    run(
        "deleteByTag",
        tag,
        () -> {
          Set<String> gone = new HashSet<>(values.keySet());
          gone.removeIf(key -> !tags.getOrDefault(key, Set.of()).contains(tag));
          return forget(gone);
        });
  }

  @Override
  public void clear() {
    run("clear", "", () -> forget(Set.copyOf(values.keySet())));
  }

  @Override
  public Claim claim(String key, String token, Duration lease) {
    return run(
        "claim",
        key,
        () -> {
          byte[] value = values.get(key);
          if (value != null) {
            return Claim.found(value);
          }
          return leases.add(key) ? Claim.granted(TOKEN) : Claim.held(lease);
        });
  }

  @Override
  public boolean renew(String key, String token, Duration lease) {
    return run("renew", key, () -> leases.contains(key));
  }

  @Override
  public boolean putAndRelease(
      String key, String token, byte[] value, Duration timeToLive, Set<String> tags) {
    return run("putAndRelease", key, () -> leases.remove(key) && keep(key, value, tags));
  }

  @Override
  public void release(String key, String token) {
    run("release", key, () -> leases.remove(key));
  }

  @Override
  public void check() {
    run(
        "check",
        "",
        () -> {
          hanging.await();
          return true;
        });
  }

  private boolean keep(String key, byte[] value, Set<String> itsTags) {
    leases.remove(key);
    values.put(key, value);
    tags.put(key, itsTags);
    return true;
  }

  private boolean forget(Set<String> keys) {
    leases.removeAll(keys);
    values.keySet().removeAll(keys);
    tags.keySet().removeAll(keys);
    return true;
  }

  private <T> T run(String operation, String key, Callable<T> work) {
    calls.add((operation + ' ' + key).trim());
    try {
      throwAny(before.apply(operation));
      T result = work.call();
      throwAny(after.apply(operation));
      return result;
    } catch (Throwable t) {
      throw FaultyCacheStore.<RuntimeException>unchecked(t);
    }
  }

  private static void throwAny(Throwable failure) throws Throwable {
    if (failure != null) {
      throw failure;
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable failure) throws X {
    throw (X) failure;
  }
}
