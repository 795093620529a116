package dev.agentops.alerts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** The routing tree with the receivers and time intervals that it names. Immutable. */
final class Routing {

  /** The group interval where each problem is a group of its own. */
  static final int GROUP_SECONDS = 10;

  static final String UNREACHED_DEFAULT =
      "no route leads to receiver '" + Receiver.DEFAULT + "', to which these handlers belong";

  private final RouteNode root;
  private final Map<String, Receiver> receivers;
  private final Map<String, Predicate<Instant>> timeIntervals;
  private final Set<String> reached = new HashSet<>();

  private Routing(
      RouteNode root,
      Map<String, Receiver> receivers,
      Map<String, Predicate<Instant>> timeIntervals) {
    this.root = root;
    this.receivers = receivers;
    this.timeIntervals = Map.copyOf(timeIntervals);
    root.forEach(
        node -> {
          requireKnown("receiver", node.receiver(), receivers.keySet());
          for (String name : node.muteTimeIntervals()) {
            requireKnown("time interval", name, timeIntervals.keySet());
          }
          for (String name : node.activeTimeIntervals()) {
            requireKnown("time interval", name, timeIntervals.keySet());
          }
          reached.add(node.receiver());
        });
  }

  /** The tree where each problem is a group of its own, told at once. */
  static AlertRoute each(Duration repeatInterval) {
    return AlertRoute.builder()
        .receiver(Receiver.DEFAULT)
        .groupByAll()
        .groupWait(Duration.ZERO)
        .groupInterval(Duration.ofSeconds(GROUP_SECONDS))
        .repeatInterval(repeatInterval)
        .build();
  }

  /**
   * Checks that all names are known.
   *
   * @throws IllegalArgumentException that quotes the one that is not, or is there twice
   */
  static Routing of(
      AlertRoute root,
      Receiver byDefault,
      List<Receiver> others,
      Map<String, Predicate<Instant>> timeIntervals) {
    Map<String, Receiver> receivers = new LinkedHashMap<>();
    receivers.put(byDefault.name(), byDefault);
    for (Receiver receiver : others) {
      Receiver before = receivers.put(receiver.name(), receiver);
      if (before != null && !(before == byDefault && before.handlers().isEmpty())) {
        throw new IllegalArgumentException("two receivers have the name '" + receiver.name() + "'");
      }
    }
    Routing routing = new Routing(RouteNode.root(root), receivers, timeIntervals);
    if (!byDefault.handlers().isEmpty() && !routing.reaches(byDefault.name())) {
      throw new IllegalArgumentException(UNREACHED_DEFAULT);
    }
    return routing;
  }

  RouteNode root() {
    return root;
  }

  Collection<Receiver> receivers() {
    return receivers.values();
  }

  Receiver receiver(String name) {
    return Objects.requireNonNull(receivers.get(name), name);
  }

  /** Whether there is a route to this receiver. */
  boolean reaches(String receiver) {
    return reached.contains(receiver);
  }

  /** Whether a route tells nobody at this time. */
  boolean isQuiet(RouteNode route, Instant now) {
    return isIn(route.muteTimeIntervals(), now)
        || (!route.activeTimeIntervals().isEmpty() && !isIn(route.activeTimeIntervals(), now));
  }

  private boolean isIn(List<String> names, Instant now) {
    for (String name : names) {
      if (Objects.requireNonNull(timeIntervals.get(name), name).test(now)) {
        return true;
      }
    }
    return false;
  }

  private static void requireKnown(String what, String name, Set<String> known) {
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          "unknown " + what + " '" + name + "'; known are " + new ArrayList<>(known));
    }
  }
}
