package dev.agentops.alerts;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * The deliveries of each receiver: one for each handler, which several receivers may share.
 * Thread-safe.
 */
final class Channels {

  private final Function<AlertHandler, Delivery> start;
  private final Map<AlertHandler, Delivery> byHandler = new IdentityHashMap<>(); // guarded by this
  private final List<Delivery> all = new CopyOnWriteArrayList<>();
  private final Map<String, List<Delivery>> byReceiver = new ConcurrentHashMap<>();

  Channels(Function<AlertHandler, Delivery> start) {
    this.start = start;
  }

  /** Delivers what this receiver is told to this handler, too. */
  synchronized void add(String receiver, AlertHandler handler) {
    List<Delivery> own = byReceiver.computeIfAbsent(receiver, r -> new CopyOnWriteArrayList<>());
    Delivery delivery = byHandler.get(handler);
    if (delivery == null || own.contains(delivery)) {
      delivery = start.apply(handler);
      byHandler.put(handler, delivery);
      all.add(delivery);
    }
    own.add(delivery);
  }

  void send(String receiver, Notification notification) {
    for (Delivery delivery : byReceiver.getOrDefault(receiver, List.of())) {
      delivery.offer(notification);
    }
  }

  /** All of them, each once. */
  List<Delivery> all() {
    return all;
  }
}
