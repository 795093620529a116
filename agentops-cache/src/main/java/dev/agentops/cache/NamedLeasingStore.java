package dev.agentops.cache;

import java.time.Duration;
import java.util.Set;

/** The same of a store that leases keys. Thread-safe. */
final class NamedLeasingStore extends NamedStore implements LeasingCacheStore {

  private final LeasingCacheStore leasing;

  NamedLeasingStore(LeasingCacheStore store, String cache) {
    super(store, cache);
    this.leasing = store;
  }

  @Override
  public Claim claim(String key, String token, Duration lease) {
    return leasing.claim(named(key), token, lease);
  }

  @Override
  public boolean renew(String key, String token, Duration lease) {
    return leasing.renew(named(key), token, lease);
  }

  @Override
  public boolean putAndRelease(
      String key, String token, byte[] value, Duration timeToLive, Set<String> tags) {
    return leasing.putAndRelease(named(key), token, value, timeToLive, named(tags));
  }

  @Override
  public void release(String key, String token) {
    leasing.release(named(key), token);
  }
}
