package dev.agentops.cache;

import dev.agentops.WeakIdentityMap;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The caches of this process that were given one and the same store: all of them hear what it
 * tells, and the last one that leaves closes it. A cache that is never closed, but collected, keeps
 * the store open. Thread-safe.
 */
final class StoreUsers implements CacheStore.Listener {

  private static final int MAXIMUM_STORES = 100_000;
  private static final WeakIdentityMap<CacheStore, StoreUsers> ALL =
      new WeakIdentityMap<>(MAXIMUM_STORES);

  /** Weak, since they hold the store, which is the key that this is found under. */
  private final List<WeakReference<NamedStore>> users = new CopyOnWriteArrayList<>();

  // guarded by ALL
  private int count;
  private boolean listening;

  private StoreUsers() {}

  /** Adds one. */
  static StoreUsers join(CacheStore store, NamedStore user) {
    synchronized (ALL) {
      StoreUsers known = ALL.get(store);
      StoreUsers all = known == null ? new StoreUsers() : known;
      if (known == null) {
        ALL.put(store, all);
      }
      all.count++;
      all.users.add(new WeakReference<>(user));
      return all;
    }
  }

  /** Removes one; true if it was the last. */
  boolean leave(CacheStore store, NamedStore user) {
    users.removeIf(each -> each.refersTo(user) || each.refersTo(null));
    synchronized (ALL) {
      if (--count > 0) {
        return false;
      }
      ALL.compute(store, known -> known == this ? null : known);
      return true;
    }
  }

  /** Listens to the store for all of them, from the first one's request on. */
  void listenTo(CacheStore store) {
    synchronized (ALL) {
      if (!listening) {
        store.listen(this);
        listening = true;
      }
    }
  }

  @Override
  public void changed(String key) {
    each(user -> user.hear(key));
  }

  @Override
  public void changedAll() {
    each(NamedStore::hearAll);
  }

  @Override
  public void changedByTag(String tag) {
    each(user -> user.hearOfTag(tag));
  }

  @Override
  public void changedByPrefix(String prefix) {
    each(user -> user.hearOfPrefix(prefix));
  }

  private void each(Consumer<NamedStore> action) {
    for (WeakReference<NamedStore> each : users) {
      NamedStore user = each.get();
      if (user != null) {
        action.accept(user);
      }
    }
  }
}
