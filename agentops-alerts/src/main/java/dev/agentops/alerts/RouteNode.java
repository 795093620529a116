package dev.agentops.alerts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A route in its place in the tree, with what it inherits. Immutable and thread-safe. */
final class RouteNode {

  private static final Duration GROUP_WAIT = Duration.ofSeconds(30);
  private static final Duration GROUP_INTERVAL = Duration.ofMinutes(5);
  private static final Duration REPEAT_INTERVAL = Duration.ofHours(4);

  private final AlertRoute route;
  private final String key;
  private final String receiver;
  private final Set<String> groupBy;
  private final boolean groupByAll;
  private final Duration groupWait;
  private final Duration groupInterval;
  private final Duration repeatInterval;
  private final List<RouteNode> children = new ArrayList<>();

  private RouteNode(AlertRoute route, @Nullable RouteNode parent) {
    this.route = route;
    String own = Matcher.text(route.matchers());
    boolean groups = route.groupBy().isPresent() || route.groupByAll();
    if (parent == null) {
      key = own;
      receiver = route.receiver().orElseThrow();
      groupBy = route.groupBy().orElse(Set.of());
      groupByAll = route.groupByAll();
      groupWait = route.groupWait().orElse(GROUP_WAIT);
      groupInterval = route.groupInterval().orElse(GROUP_INTERVAL);
      repeatInterval = route.repeatInterval().orElse(REPEAT_INTERVAL);
    } else {
      key = parent.key + "/" + own;
      receiver = route.receiver().orElse(parent.receiver);
      groupBy = groups ? route.groupBy().orElse(Set.of()) : parent.groupBy;
      groupByAll = groups ? route.groupByAll() : parent.groupByAll;
      groupWait = route.groupWait().orElse(parent.groupWait);
      groupInterval = route.groupInterval().orElse(parent.groupInterval);
      repeatInterval = route.repeatInterval().orElse(parent.repeatInterval);
    }
    for (AlertRoute child : route.routes()) {
      children.add(new RouteNode(child, this));
    }
  }

  /**
   * The tree below this route.
   *
   * @throws IllegalArgumentException if it cannot be a root
   */
  static RouteNode root(AlertRoute route) {
    require(route.receiver().isPresent(), "the root route needs a receiver: ", route);
    require(route.matchers().isEmpty(), "the root route takes every alert: ", route);
    require(!route.continueMatching(), "the root route has no siblings to go on with: ", route);
    require(
        route.muteTimeIntervals().isEmpty() && route.activeTimeIntervals().isEmpty(),
        "the root route is active always: ",
        route);
    return new RouteNode(route, null);
  }

  private static void require(boolean holds, String rule, AlertRoute route) {
    if (!holds) {
      throw new IllegalArgumentException(rule + route);
    }
  }

  /** Tells of this node and all below it. */
  void forEach(Consumer<RouteNode> action) {
    action.accept(this);
    children.forEach(child -> child.forEach(action));
  }

  /** The nodes that take an alert with these labels; none if this one does not match. */
  List<RouteNode> match(Map<String, String> labels) {
    List<RouteNode> taking = new ArrayList<>(1);
    match(labels, taking);
    return taking;
  }

  private boolean match(Map<String, String> labels, List<RouteNode> taking) {
    if (!Matcher.allMatch(route.matchers(), labels)) {
      return false;
    }
    int before = taking.size();
    for (RouteNode child : children) {
      if (child.match(labels, taking) && !child.route.continueMatching()) {
        break;
      }
    }
    if (taking.size() == before) {
      taking.add(this);
    }
    return true;
  }

  /** The labels that make the group of an alert with these. */
  SortedMap<String, String> groupLabels(SortedMap<String, String> labels) {
    if (groupByAll) {
      return labels;
    }
    TreeMap<String, String> group = new TreeMap<>(labels);
    group.keySet().retainAll(groupBy);
    return group;
  }

  /** Its matchers behind those of the nodes above, as in Alertmanager. */
  String key() {
    return key;
  }

  String receiver() {
    return receiver;
  }

  Duration groupWait() {
    return groupWait;
  }

  Duration groupInterval() {
    return groupInterval;
  }

  Duration repeatInterval() {
    return repeatInterval;
  }

  List<String> muteTimeIntervals() {
    return route.muteTimeIntervals();
  }

  List<String> activeTimeIntervals() {
    return route.activeTimeIntervals();
  }
}
