package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentops.cache.CacheStore;
import io.lettuce.core.api.push.PushListener;
import io.lettuce.core.api.push.PushMessage;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells a cache what others changed, and not what it changed itself.
 *
 * <p>Redis tells the names that were changed in a turn of its loop, one message for each prefix in
 * the order of the prefixes, and cannot leave out what a script of the same connection changed. So
 * each script leaves its store's id in a name of its own, which is told before that of the value: a
 * value that only this store has changed in that turn is no news; nor is one whose time was over
 * when this store came to load it.
 */
final class RedisChanges implements PushListener {

  /** Characters of a store's id. */
  static final int ID_LENGTH = 16;

  private static final char KEY = 'k';
  private static final char TAG = 't';
  private static final char PREFIX = 'p';
  private static final char LEASED = 'l';
  private static final char ALL = 'a';

  private final RedisKeys keys;
  private final String id;
  private volatile CacheStore.@Nullable Listener listener;

  /** Keys that the last message about changes says are ours; used by the connection's thread. */
  private final Set<String> ours = new HashSet<>();

  RedisChanges(RedisKeys keys, String id) {
    this.keys = keys;
    this.id = id;
  }

  void listen(CacheStore.Listener listener) {
    this.listener = listener;
  }

  /** What is told from now on was not told before. */
  void startAnew() {
    ours.clear();
    CacheStore.Listener told = listener;
    if (told != null) {
      told.changedAll();
    }
  }

  @Override
  public void onPushMessage(PushMessage message) {
    CacheStore.Listener told = listener;
    if (told == null || !message.getType().equals("invalidate")) {
      return;
    }
    if (message.getContent().get(1) instanceof List<?> names) {
      heard(names.stream().map(RedisChanges::text).toList(), told);
    } else {
      told.changedAll(); // the whole database was emptied
    }
  }

  private void heard(List<String> names, CacheStore.Listener told) {
    Set<String> before = Set.copyOf(ours);
    ours.clear();
    for (String name : names) {
      if (!name.startsWith(keys.changes())) {
        String key = keys.key(name);
        if (!before.contains(key)) {
          told.changed(key);
        }
      } else {
        heardChange(name.substring(keys.changes().length()), told);
      }
    }
  }

  private void heardChange(String change, CacheStore.Listener told) {
    if (change.length() <= ID_LENGTH) {
      return; // nobody's that keeps to these names
    }
    boolean our = change.startsWith(id);
    char what = change.charAt(ID_LENGTH);
    String which = change.substring(ID_LENGTH + 1);
    if (our) {
      if (what == KEY || what == LEASED) {
        ours.add(which);
      }
      return;
    }
    switch (what) {
      case KEY -> told.changed(which);
      case TAG -> told.changedByTag(which);
      case PREFIX -> told.changedByPrefix(which);
      case ALL -> told.changedAll();
      default -> {} // what others lease, or of a newer release
    }
  }

  private static String text(@Nullable Object bytes) {
    return bytes instanceof ByteBuffer buffer
        ? UTF_8.decode(buffer.duplicate()).toString()
        : String.valueOf(bytes);
  }
}
