package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One store that several nodes of a test share, each of which hears what the others do. */
final class SharedStore {

  final InMemoryCacheStore bytes;
  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  SharedStore(Clock clock) {
    bytes = new InMemoryCacheStore("shared", clock);
  }

  /** The store as one process sees it. */
  Node node() {
    Node node = new Node();
    nodes.add(node);
    return node;
  }

  Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    for (Optional<String> cursor = Optional.of(""); cursor.isPresent(); ) {
      CacheStore.KeyPage page = bytes.keys("", cursor.get());
      keys.addAll(page.keys());
      cursor = page.next();
    }
    return keys;
  }

  final class Node implements CacheStore {

    private volatile Listener listener =
        new Listener() {
          @Override
          public void changed(String key) {}

          @Override
          public void changedAll() {}
        };

    /** As after a connection that was lost and is back. */
    void reconnected() {
      listener.changedAll();
    }

    @Override
    public void listen(Listener listener) {
      this.listener = listener;
    }

    @Override
    public Optional<byte[]> get(String key) {
      return bytes.get(key);
    }

    @Override
    public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
      bytes.put(key, value, timeToLive, tags);
      tellOthers(other -> other.changed(key));
    }

    @Override
    public void delete(String key) {
      bytes.delete(key);
      tellOthers(other -> other.changed(key));
    }

    @Override
    public void deleteByPrefix(String prefix) {
      Set<String> before = keys();
      bytes.deleteByPrefix(prefix);
      tellOfMissing(before);
    }

    @Override
    public void deleteByTag(String tag) {
      Set<String> before = keys();
      bytes.deleteByTag(tag);
      tellOfMissing(before);
    }

    @Override
    public void clear() {
      bytes.clear();
      tellOthers(Listener::changedAll);
    }

    @Override
    public KeyPage keys(String prefix, String cursor) {
      return bytes.keys(prefix, cursor);
    }

    @Override
    public void check() {
      bytes.check();
    }

    private Set<String> keys() {
      return SharedStore.this.keys();
    }

    private void tellOfMissing(Set<String> before) {
      before.removeAll(keys());
      before.forEach(key -> tellOthers(other -> other.changed(key)));
    }

    private void tellOthers(Consumer<Listener> what) {
      for (Node node : nodes) {
        if (node != this) {
          what.accept(node.listener);
        }
      }
    }
  }
}
