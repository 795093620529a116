package dev.agentops.cache.redis;

import dev.agentops.cache.CacheStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what it hears. */
final class RecordingListener implements CacheStore.Listener {

  final List<String> keys = new CopyOnWriteArrayList<>();
  final List<String> tags = new CopyOnWriteArrayList<>();
  final List<String> prefixes = new CopyOnWriteArrayList<>();
  final AtomicInteger all = new AtomicInteger();

  @Override
  public void changed(String key) {
    keys.add(key);
  }

  @Override
  public void changedAll() {
    all.incrementAndGet();
  }

  @Override
  public void changedByTag(String tag) {
    tags.add(tag);
  }

  @Override
  public void changedByPrefix(String prefix) {
    prefixes.add(prefix);
  }
}
