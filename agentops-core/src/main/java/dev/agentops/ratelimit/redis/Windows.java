package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimits;
import java.util.List;
import java.util.Locale;

/** A set of limits as the script is told of it, all in microseconds. Immutable. */
final class Windows {

  private static final String NOTHING = "0";

  /** Beyond it a double that is a whole number need not be one as a {@code long}. */
  private static final double EXACT = 1L << 53;

  private final List<Limit> windows;
  private final String[] names;
  private final String[] capacities;
  private final String[] oneRequest;
  private final String atOnce;

  Windows(RateLimits limits) {
    windows = limits.limits();
    int size = windows.size();
    names = new String[size];
    capacities = new String[size];
    oneRequest = new String[size];
    for (int i = 0; i < size; i++) {
      Limit limit = windows.get(i);
      names[i] = name(limit);
      capacities[i] = text(micros(limit, limit.burst()));
      oneRequest[i] = limit.kind() == Limit.Kind.REQUESTS ? text(micros(limit, 1)) : NOTHING;
    }
    atOnce =
        limits.concurrency().isPresent() ? String.valueOf(limits.concurrency().getAsInt()) : "";
  }

  int size() {
    return names.length;
  }

  Limit limit(int index) {
    return windows.get(index);
  }

  boolean limitsConcurrency() {
    return !atOnce.isEmpty();
  }

  /** How many at once; empty for any number. */
  String atOnce() {
    return atOnce;
  }

  /** Adds how many limits there are and, for each, name, capacity and cost. */
  void addDemand(Demand demand, List<String> arguments) {
    boolean plain = demand.requests() == 1 && demand.inputTokens() + demand.outputTokens() == 0;
    arguments.add(String.valueOf(names.length));
    for (int i = 0; i < names.length; i++) {
      arguments.add(names[i]);
      arguments.add(capacities[i]);
      arguments.add(plain ? oneRequest[i] : text(micros(windows.get(i), windows.get(i).units(demand))));
    }
  }

  /**
   * Adds how many limits change and, for each, its name and by how much.
   *
   * @param units by how many units each changes, from a place on
   * @return whether any does
   */
  boolean addChanges(long[] units, int from, List<String> arguments) {
    int place = arguments.size();
    arguments.add(NOTHING);
    int changes = 0;
    for (int i = 0; i < names.length; i++) {
      long change = units[from + i];
      if (change != 0) {
        arguments.add(names[i]);
        arguments.add(text(micros(windows.get(i), change)));
        changes++;
      }
    }
    arguments.set(place, String.valueOf(changes));
    return changes > 0;
  }

  /** Adds the name of a limit and the level of its bucket when no more than this is left. */
  static void addLevel(Limit limit, long unitsLeft, List<String> arguments) {
    double level = micros(limit, limit.burst()) - micros(limit, unitsLeft);
    arguments.add(name(limit));
    arguments.add(text(Math.max(0, level)));
  }

  private static String name(Limit limit) {
    return limit.kind().name().toLowerCase(Locale.ROOT).charAt(0)
        + String.valueOf(limit.period().toSeconds());
  }

  /** How long so many units take to leak. */
  private static double micros(Limit limit, long units) {
    return units * (limit.period().toNanos() / 1e3) / limit.amount();
  }

  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < EXACT
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }
}
