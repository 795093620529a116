package dev.agentops.alerts.handler;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.Notification;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Splits a notification into parts that fit into a message each. */
final class Parts {

  private Parts() {}

  /**
   * The parts, in order, each with as many alerts as fit; one alert that does not fit is a part by
   * itself. Alerts that were left out before are told of in the last part.
   */
  static List<Notification> of(Notification whole, Predicate<Notification> fits) {
    List<Alert> alerts = whole.alerts();
    List<Notification> parts = new ArrayList<>();
    for (int from = 0; from < alerts.size(); ) {
      int to = from + most(whole, from, fits);
      parts.add(part(whole, from, to));
      from = to;
    }
    return parts;
  }

  /** How many alerts fit: doubles until too many, then halves the doubt. */
  private static int most(Notification whole, int from, Predicate<Notification> fits) {
    int left = whole.alerts().size() - from;
    int good = 1;
    int bad = 2;
    while (bad <= left && fits.test(part(whole, from, from + bad))) {
      good = bad;
      bad *= 2;
    }
    if (bad > left && good < left && fits.test(part(whole, from, from + left))) {
      return left;
    }
    bad = Math.min(bad, left);
    while (bad - good > 1) {
      int middle = (good + bad) >>> 1;
      if (fits.test(part(whole, from, from + middle))) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return good;
  }

  private static Notification part(Notification whole, int from, int to) {
    int size = whole.alerts().size();
    if (from == 0 && to == size) {
      return whole;
    }
    return whole.toBuilder()
        .alerts(whole.alerts().subList(from, to))
        .truncatedAlerts(to == size ? whole.truncatedAlerts() : 0)
        .build();
  }
}
