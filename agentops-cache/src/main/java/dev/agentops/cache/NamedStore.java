package dev.agentops.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one cache sees of a store that others may have, too: its own keys and tags, which begin with
 * its name, and the changes of these. The store itself is closed with the last of its caches.
 * Thread-safe.
 */
class NamedStore implements CacheStore {

  private static final char END = ':'; // which no name contains

  private final CacheStore store;
  private final String prefix;
  private final StoreUsers users;
  private volatile @Nullable Listener listener;

  NamedStore(CacheStore store, String cache) {
    this.store = store;
    this.prefix = cache + END;
    this.users = StoreUsers.join(store, this);
  }

  /** A view that leases keys if the store does. */
  static NamedStore of(CacheStore store, String cache) {
    return store instanceof LeasingCacheStore leasing
        ? new NamedLeasingStore(leasing, cache)
        : new NamedStore(store, cache);
  }

  @Override
  public final String name() {
    return store.name();
  }

  @Override
  public final Optional<byte[]> get(String key) {
    return store.get(named(key));
  }

  @Override
  public final Map<String, byte[]> getAll(Collection<String> keys) {
    Map<String, byte[]> found = new HashMap<>();
    store
        .getAll(keys.stream().map(this::named).toList())
        .forEach((key, bytes) -> found.put(own(key), bytes));
    return found;
  }

  @Override
  public final void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
    store.put(named(key), value, timeToLive, named(tags));
  }

  @Override
  public final void delete(String key) {
    store.delete(named(key));
  }

  @Override
  public final void deleteByPrefix(String prefix) {
    store.deleteByPrefix(named(prefix));
  }

  @Override
  public final void deleteByTag(String tag) {
    store.deleteByTag(named(tag));
  }

  @Override
  public final void clear() {
    deleteByPrefix("");
  }

  @Override
  public final KeyPage keys(String prefix, String cursor) {
    KeyPage page = store.keys(named(prefix), cursor);
    List<String> own = page.keys().stream().map(this::own).toList();
    return new KeyPage(own, page.next());
  }

  @Override
  public final void listen(Listener listener) {
    this.listener = listener;
    users.listenTo(store);
  }

  @Override
  public final void check() {
    store.check();
  }

  /** Hears nothing any more, and closes the store if no other cache has it. */
  @Override
  public final void close() {
    listener = null;
    if (users.leave(store, this)) {
      store.close();
    }
  }

  final String named(String text) {
    return prefix + text;
  }

  final Set<String> named(Set<String> texts) {
    return texts.isEmpty()
        ? texts
        : texts.stream().map(this::named).collect(Collectors.toUnmodifiableSet());
  }

  /** A key of the store was changed, be it of this cache or of another. */
  final void hear(String key) {
    Listener told = listener;
    if (told != null && key.startsWith(prefix)) {
      told.changed(own(key));
    }
  }

  final void hearAll() {
    Listener told = listener;
    if (told != null) {
      told.changedAll();
    }
  }

  final void hearOfTag(String tag) {
    Listener told = listener;
    if (told != null && tag.startsWith(prefix)) {
      told.changedByTag(own(tag));
    }
  }

  final void hearOfPrefix(String changed) {
    Listener told = listener;
    if (told == null) {
      return;
    }
    if (changed.startsWith(prefix)) {
      told.changedByPrefix(own(changed));
    } else if (prefix.startsWith(changed)) { // by somebody who knows nothing of names
      told.changedAll();
    }
  }

  private String own(String key) {
    return key.substring(prefix.length());
  }
}
