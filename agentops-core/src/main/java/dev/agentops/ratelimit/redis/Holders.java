package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.RateLimitStoreException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The tickets of this process that hold a place of a concurrency limit. They are renewed for as
 * long as somebody has them: of a process that was killed, and of a ticket that was lost, the lease
 * ends. Thread-safe.
 */
final class Holders {

  private static final int PAGE = 100;

  private final Steps steps;
  private final ConcurrentMap<String, WeakReference<RedisTicket>> held = new ConcurrentHashMap<>();

  Holders(Steps steps) {
    this.steps = steps;
  }

  void add(RedisTicket ticket) {
    held.put(ticket.id(), new WeakReference<>(ticket));
  }

  void remove(RedisTicket ticket) {
    held.remove(ticket.id());
  }

  void renew() {
    List<RedisTicket> page = new ArrayList<>();
    for (Map.Entry<String, WeakReference<RedisTicket>> entry : held.entrySet()) {
      RedisTicket ticket = entry.getValue().get();
      if (ticket == null) {
        held.remove(entry.getKey());
      } else {
        page.add(ticket);
      }
      if (page.size() == PAGE && !renew(page)) {
        return;
      }
    }
    renew(page);
  }

  private boolean renew(List<RedisTicket> page) {
    if (page.isEmpty()) {
      return true;
    }
    try {
      steps.renew(page);
      page.clear();
      return true;
    } catch (RateLimitStoreException e) {
      return false; // there are more times before a lease ends
    }
  }
}
