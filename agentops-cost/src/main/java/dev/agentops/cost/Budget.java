package dev.agentops.cost;

import dev.agentops.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent in a calendar period, by all together or by each value of an attribute.
 * Immutable.
 *
 * <pre>{@code
 * Budget.daily(Cost.usd("50")).named("team-daily").per("team").warnAt(0.5, 0.8).rejectWhenExceeded()
 * }</pre>
 *
 * <p>Periods begin at midnight of the monitor's zone; weeks on Monday. A budget only tells unless
 * it is to {@linkplain #rejectWhenExceeded() reject}.
 */
public final class Budget {

  private final BudgetPeriod period;
  private final Cost limit;
  private final String name;
  private final @Nullable String attribute;
  private final List<Double> marks;
  private final boolean rejecting;

  private Budget(
      BudgetPeriod period,
      Cost limit,
      String name,
      @Nullable String attribute,
      List<Double> marks,
      boolean rejecting) {
    this.period = period;
    this.limit = limit;
    this.name = name;
    this.attribute = attribute;
    this.marks = marks;
    this.rejecting = rejecting;
  }

  /**
   * A budget for each calendar day, named "daily".
   *
   * @throws IllegalArgumentException if the limit is not positive
   */
  public static Budget daily(Cost limit) {
    return of(BudgetPeriod.DAY, limit, "daily");
  }

  /**
   * A budget for each week from Monday on, named "weekly".
   *
   * @throws IllegalArgumentException if the limit is not positive
   */
  public static Budget weekly(Cost limit) {
    return of(BudgetPeriod.WEEK, limit, "weekly");
  }

  /**
   * A budget for each calendar month, named "monthly".
   *
   * @throws IllegalArgumentException if the limit is not positive
   */
  public static Budget monthly(Cost limit) {
    return of(BudgetPeriod.MONTH, limit, "monthly");
  }

  private static Budget of(BudgetPeriod period, Cost limit, String name) {
    if (limit.signum() <= 0) {
      throw new IllegalArgumentException("the limit of a budget must be positive: " + limit);
    }
    return new Budget(period, limit, name, null, List.of(), false);
  }

  /** This budget under another name, by which messages and events call it. */
  public Budget named(String name) {
    return new Budget(period, limit, notBlank("name", name), attribute, marks, rejecting);
  }

  /**
   * This budget, once for each value of an attribute of the call. Calls without the attribute share
   * one, so that leaving it out is no way around.
   */
  public Budget per(String attribute) {
    return new Budget(period, limit, name, notBlank("attribute", attribute), marks, rejecting);
  }

  /**
   * This budget, telling once a period when spending reaches each of these shares of the limit.
   *
   * @param shares above 0 and at most 1, as 0.8 for 80 %
   * @throws IllegalArgumentException if one is out of range
   */
  public Budget warnAt(double... shares) {
    double[] sorted = shares.clone();
    Arrays.sort(sorted);
    for (double share : sorted) {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException(
            "a warning mark must be above 0 and at most 1: " + share);
      }
    }
    return new Budget(
        period,
        limit,
        name,
        attribute,
        Arrays.stream(sorted).distinct().boxed().toList(),
        rejecting);
  }

  /**
   * This budget, refusing calls that would exceed it. A call is let through all the same where
   * nothing else is spent or running in the period: what it will cost is only an estimate.
   */
  public Budget rejectWhenExceeded() {
    return new Budget(period, limit, name, attribute, marks, true);
  }

  public String name() {
    return name;
  }

  public Cost limit() {
    return limit;
  }

  /** The attribute whose values have a budget each; empty where all share one. */
  public Optional<String> attribute() {
    return Optional.ofNullable(attribute);
  }

  /** The shares of the limit that are told, ascending. */
  public List<Double> warningMarks() {
    return marks;
  }

  /** Whether calls are refused once the limit is reached. */
  public boolean rejecting() {
    return rejecting;
  }

  BudgetPeriod period() {
    return period;
  }

  @Override
  public String toString() {
    return "Budget{"
        + name
        + ", "
        + limit
        + " a "
        + period.label()
        + (attribute == null ? "" : " per " + attribute)
        + '}';
  }

  private static String notBlank(String what, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "the " + what + " of a budget must not be blank: '" + value + "'");
    }
    return value;
  }
}
