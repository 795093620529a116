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
  private final double[] periods;
  private final double[] capacities;
  private final String[] capacityTexts;
  private final String[] oneRequest;
  private final String atOnce;

  Windows(RateLimits limits) {
    windows = limits.limits();
    int size = windows.size();
    names = new String[size];
    periods = new double[size];
    capacities = new double[size];
    capacityTexts = new String[size];
    oneRequest = new String[size];
    for (int i = 0; i < size; i++) {
      Limit limit = windows.get(i);
      names[i] = limit.kind().name().toLowerCase(Locale.ROOT).charAt(0) + seconds(limit);
      periods[i] = limit.period().toNanos() / 1e3;
      capacities[i] = micros(i, limit.burst());
      capacityTexts[i] = text(capacities[i]);
      oneRequest[i] = limit.kind() == Limit.Kind.REQUESTS ? text(micros(i, 1)) : NOTHING;
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
      arguments.add(capacityTexts[i]);
      arguments.add(plain ? oneRequest[i] : text(micros(i, windows.get(i).units(demand))));
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
        arguments.add(text(micros(i, change)));
        changes++;
      }
    }
    arguments.set(place, String.valueOf(changes));
    return changes > 0;
  }

  /** Adds the name and level, for each limit, of a bucket in which no more than this is left. */
  void addLevels(Demand left, List<String> arguments) {
    for (int i = 0; i < names.length; i++) {
      double level = capacities[i] - micros(i, windows.get(i).units(left));
      if (level > 0) {
        arguments.add(names[i]);
        arguments.add(text(level));
      }
    }
  }

  /** How long so many units take to leak. */
  private double micros(int index, long units) {
    return units * periods[index] / windows.get(index).amount();
  }

  private static String seconds(Limit limit) {
    return String.valueOf(limit.period().toSeconds());
  }

  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < EXACT
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }
}
