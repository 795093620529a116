package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings alerts into the groups of their routes and tells the receivers of each group when there is
 * news, as Alertmanager's dispatcher and notification pipeline do. Thread-safe.
 */
final class Dispatcher {

  private final Routing routing;
  private final RouteNode root;
  private final List<Muting> mutings;
  private final @Nullable URI externalUrl;
  private final int capacity;
  private final Clock clock;
  private final FaultLog faults;
  private final long originNanos;
  private final BiConsumer<Receiver, Notification> output;

  // guarded by this
  private final Map<GroupId, Group> groups = new HashMap<>();
  private final TreeSet<Group> queue = new TreeSet<>();
  private final NotificationLog log;
  private long sequence;

  Dispatcher(
      Routing routing,
      List<Muting> mutings,
      @Nullable URI externalUrl,
      int capacity,
      Clock clock,
      FaultLog faults,
      BiConsumer<Receiver, Notification> output) {
    this.routing = routing;
    this.root = routing.root();
    this.mutings = List.copyOf(mutings);
    this.externalUrl = externalUrl;
    this.capacity = capacity;
    this.clock = clock;
    this.faults = faults;
    this.originNanos = clock.nanoTime();
    this.output = output;
    this.log = new NotificationLog(2 * capacity);
  }

  /** Takes news of a problem. */
  synchronized void accept(ActiveAlert alert) {
    SortedMap<String, String> labels = alert.alert().labels();
    for (RouteNode route : root.match(labels)) {
      SortedMap<String, String> groupLabels = route.groupLabels(labels);
      GroupId id = new GroupId(route, groupLabels);
      Group group = groups.get(id);
      if (group == null) {
        group = new Group(route, groupLabels, ++sequence, nanos());
        groups.put(id, group);
      }
      queue.remove(group);
      group.add(alert, clock.now(), nanos());
      queue.add(group);
    }
    if (groups.size() > 2 * capacity) {
      removeEmpty();
    }
  }

  /** Forgets a problem that had to make room. */
  synchronized void evict(ActiveAlert alert) {
    SortedMap<String, String> labels = alert.alert().labels();
    for (RouteNode route : root.match(labels)) {
      GroupId id = new GroupId(route, route.groupLabels(labels));
      Group group = groups.get(id);
      if (group != null) {
        group.remove(alert);
        if (group.isEmpty()) {
          queue.remove(group);
          groups.remove(id);
        }
      }
    }
  }

  /** Tells of the groups whose turn it is. */
  synchronized void run() {
    long nanos = nanos();
    while (!queue.isEmpty() && queue.first().nanosUntilDue(nanos) <= 0) {
      flush(queue.pollFirst(), nanos);
    }
  }

  /** Tells of all groups that have changed, without waiting for their turns. */
  synchronized void runAll() {
    long nanos = nanos();
    for (Group group : List.copyOf(groups.values())) {
      if (group.isChanged()) {
        queue.remove(group);
        flush(group, nanos);
      }
    }
  }

  /** Gives all groups a turn at their next tick: what mutes them may have changed. */
  synchronized void reconsider() {
    for (Group group : groups.values()) {
      if (!group.isEmpty()) {
        queue.remove(group);
        group.dueFrom(nanos());
        queue.add(group);
      }
    }
  }

  /** Forgets empty groups and what was told long ago. */
  synchronized void clean() {
    removeEmpty();
    log.forgetOld(nanos());
  }

  /** How long until the next turn of a group; {@link Group#NEVER} if none is to come. */
  synchronized long nanosUntilDue() {
    return queue.isEmpty() ? Group.NEVER : Math.max(0, queue.first().nanosUntilDue(nanos()));
  }

  synchronized boolean isEmpty() {
    return groups.isEmpty();
  }

  /** The groups there are, in the order of their routes and labels. */
  synchronized List<AlertGroup> groups() {
    Instant now = clock.now();
    List<AlertGroup> list = new ArrayList<>();
    for (Group group : groups.values()) {
      List<Alert> alerts = group.alerts(now);
      if (!alerts.isEmpty()) {
        list.add(new AlertGroup(group.key(), group.route().receiver(), group.labels(), alerts));
      }
    }
    list.sort((a, b) -> a.key().compareTo(b.key()));
    return list;
  }

  /** The names of the receivers of alerts with these labels. */
  List<String> receiversOf(SortedMap<String, String> labels) {
    return root.match(labels).stream().map(RouteNode::receiver).distinct().toList();
  }

  /** What keeps this alert from being told; null if nothing does. */
  @Nullable String mutedBy(Alert alert, Instant now) {
    for (Muting muting : mutings) {
      try {
        String by = muting.mutedBy(alert, now);
        if (by != null) {
          return by;
        }
      } catch (Throwable t) { // told too often is better than never
        faults.report("a silence or inhibition", t);
      }
    }
    return null;
  }

  private void flush(Group group, long nanos) {
    try {
      tryFlush(group, nanos);
    } catch (Throwable t) {
      faults.report("alert group " + group.key(), t);
      group.dueFrom(nanos);
      queue.add(group);
    }
  }

  private void tryFlush(Group group, long nanos) {
    Instant now = clock.now();
    List<Alert> alerts = group.alerts(now);
    if (alerts.isEmpty()) {
      group.flushed(alerts, nanos);
      return;
    }
    List<Alert> heard = routing.isQuiet(group.route(), now) ? List.of() : withoutMuted(alerts, now);
    if (!heard.isEmpty()) {
      tell(group, heard, now, nanos);
    }
    group.flushed(alerts, nanos);
    schedule(group, heard.size() < alerts.size(), now, nanos);
  }

  private void tell(Group group, List<Alert> alerts, Instant now, long nanos) {
    RouteNode route = group.route();
    Receiver receiver = routing.receiver(route.receiver());
    Set<Long> firing = new HashSet<>();
    Set<Long> resolved = new HashSet<>();
    for (Alert alert : alerts) {
      (alert.state() == AlertState.FIRING ? firing : resolved).add(alert.fingerprintBits());
    }
    long repeat = Group.nanos(route.repeatInterval());
    String key = logKey(group);
    if (!log.needs(key, firing, resolved, receiver.sendResolved(), nanos, repeat)) {
      return;
    }
    log.told(key, firing, resolved, nanos, repeat > Group.NEVER / 2 ? repeat : 2 * repeat);
    List<Alert> told = receiver.sendResolved() ? alerts : alerts.subList(0, firing.size());
    if (!told.isEmpty()) {
      group.told(told);
      output.accept(receiver, notification(group, receiver, told, now));
    }
  }

  private Notification notification(
      Group group, Receiver receiver, List<Alert> alerts, Instant now) {
    int max = receiver.maxAlerts() == 0 ? alerts.size() : receiver.maxAlerts();
    int shown = Math.min(max, alerts.size());
    return Notification.builder()
        .groupKey(group.key())
        .receiver(receiver.name())
        .groupLabels(group.labels())
        .alerts(alerts.subList(0, shown))
        .truncatedAlerts(alerts.size() - shown)
        .timestamp(now)
        .externalUrl(externalUrl)
        .build();
  }

  /** Finds out when there may be news of the group without anybody telling. */
  private void schedule(Group group, boolean muted, Instant now, long nanos) {
    if (group.isEmpty()) {
      return;
    }
    if (muted) {
      group.dueFrom(nanos);
    }
    for (ActiveAlert alert : group.members()) {
      Instant end = alert.endsAt();
      if (end != null) {
        group.dueFrom(nanos + Math.max(0, Group.nanos(Duration.between(now, end))));
      }
    }
    Long told = log.toldNanos(logKey(group));
    if (told != null) {
      long repeat = Group.nanos(group.route().repeatInterval());
      group.dueFrom(told > Group.NEVER - 1 - repeat ? Group.NEVER - 1 : told + repeat);
    }
    queue.add(group);
  }

  private List<Alert> withoutMuted(List<Alert> alerts, Instant now) {
    return mutings.isEmpty()
        ? alerts
        : alerts.stream().filter(alert -> mutedBy(alert, now) == null).toList();
  }

  private void removeEmpty() {
    groups
        .values()
        .removeIf(
            group -> {
              boolean empty = group.alerts(clock.now()).isEmpty();
              if (empty) {
                queue.remove(group);
              }
              return empty;
            });
  }

  private static String logKey(Group group) {
    return group.route().receiver() + '\n' + group.key();
  }

  private long nanos() {
    return clock.nanoTime() - originNanos;
  }

  /** One route may have many groups, and another with the same key its own. */
  private record GroupId(RouteNode route, SortedMap<String, String> labels) {}
}
