package dev.agentops.cost;

import dev.agentops.Cost;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent in a window of time, by all together or by each value of an attribute.
 * Immutable.
 *
 * <pre>{@code
 * Budget.daily(Cost.usd("50")).named("team-daily").per("team").warnAt(0.5, 0.8).rejectWhenExceeded()
 * }</pre>
 *
 * <p>A budget only tells unless it is to {@linkplain #rejectWhenExceeded() reject}. Counts exact
 * pico-dollars, and nano-dollars, rounded up, where the limit is above four million dollars.
 */
public final class Budget {

  /** The attribute that names the run of an agent, for {@link #perRun}: {@value}. */
  public static final String RUN = "agentops.run.id";

  /** Databases take it, and a key, in an index. */
  private static final int MAXIMUM_NAME = 200;

  private final BudgetPeriod period;
  private final Cost limit;
  private final String name;
  private final List<String> attributes;
  private final List<Double> marks;
  private final List<Downgrade> downgrades;
  private final boolean rejecting;
  private final @Nullable ZoneId zone;
  private final @Nullable StoreOutage outage;

  private Budget(Draft from) {
    period = from.period;
    limit = from.limit;
    name = from.name;
    attributes = from.attributes;
    marks = from.marks;
    downgrades = from.downgrades;
    rejecting = from.rejecting;
    zone = from.zone;
    outage = from.outage;
  }

  /**
   * A budget for each hour by the clocks of the zone, named "hourly".
   *
   * @throws IllegalArgumentException if the limit is not positive, or above four billion dollars
   */
  public static Budget hourly(Cost limit) {
    return of(HourPeriod.HOUR, limit, "hourly");
  }

  /**
   * A budget for each calendar day, named "daily".
   *
   * @throws IllegalArgumentException as {@link #hourly}
   */
  public static Budget daily(Cost limit) {
    return of(CalendarPeriod.DAY, limit, "daily");
  }

  /**
   * A budget for each week from Monday on, named "weekly".
   *
   * @throws IllegalArgumentException as {@link #hourly}
   */
  public static Budget weekly(Cost limit) {
    return of(CalendarPeriod.WEEK, limit, "weekly");
  }

  /**
   * A budget for each calendar month, named "monthly".
   *
   * @throws IllegalArgumentException as {@link #hourly}
   */
  public static Budget monthly(Cost limit) {
    return of(CalendarPeriod.MONTH, limit, "monthly");
  }

  /**
   * A budget for the time before now, named "rolling". Time goes by in slices of a 60th of the
   * period, and spending counts until its slice is a whole period ago: for the period and at most a
   * 60th more.
   *
   * @param period from one minute to ten years
   * @throws IllegalArgumentException if the period is out of range, and as {@link #hourly}
   */
  public static Budget rolling(Cost limit, Duration period) {
    return of(new RollingPeriod(period), limit, "rolling");
  }

  /**
   * A budget that never begins anew, named "lifetime".
   *
   * @throws IllegalArgumentException as {@link #hourly}
   */
  public static Budget lifetime(Cost limit) {
    return of(BudgetPeriod.LIFETIME, limit, "lifetime");
  }

  /**
   * A budget for each run of an agent, named "run": for each value of the attribute {@value #RUN}.
   * Calls outside of a run do not count. Kept in this process, even where other budgets are shared;
   * of more runs at once than are kept apart, those that rested longest are forgotten.
   *
   * @throws IllegalArgumentException as {@link #hourly}
   */
  public static Budget perRun(Cost limit) {
    return of(BudgetPeriod.LIFETIME, limit, "run").per(RUN);
  }

  private static Budget of(BudgetPeriod period, Cost limit, String name) {
    if (limit.signum() <= 0) {
      throw new IllegalArgumentException("the limit of a budget must be positive: " + limit);
    }
    Objects.requireNonNull(BudgetUnit.of(limit));
    return new Budget(new Draft(period, limit, name));
  }

  /**
   * This budget under another name, by which messages, events and stores call it.
   *
   * @param name of {@value #MAXIMUM_NAME} characters at most
   * @throws IllegalArgumentException if it is blank or longer
   */
  public Budget named(String name) {
    if (name.length() > MAXIMUM_NAME) {
      throw new IllegalArgumentException(
          "the name of a budget must have " + MAXIMUM_NAME + " characters at most: '" + name + "'");
    }
    Draft draft = new Draft(this);
    draft.name = notBlank("name", name);
    return new Budget(draft);
  }

  /**
   * This budget, once for each value of an attribute of the call, or each combination of the values
   * of several. Calls without the attribute share one, so that leaving it out is no way around.
   * Adds to the attributes that were said before: a run's budget stays one of each run.
   *
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public Budget per(String... attributes) {
    if (attributes.length == 0) {
      throw new IllegalArgumentException("per() needs an attribute");
    }
    for (String attribute : attributes) {
      notBlank("attribute", attribute);
    }
    Draft draft = new Draft(this);
    draft.attributes =
        Stream.concat(this.attributes.stream(), Arrays.stream(attributes)).distinct().toList();
    return new Budget(draft);
  }

  /**
   * This budget, telling once a window when spending reaches each of these shares of the limit.
   *
   * @param shares above 0 and at most 1, as 0.8 for 80 %
   * @throws IllegalArgumentException if one is out of range
   */
  public Budget warnAt(double... shares) {
    for (double share : shares) {
      checkShare("a warning mark", share);
    }
    Draft draft = new Draft(this);
    draft.marks = Arrays.stream(shares).sorted().distinct().boxed().toList();
    return new Budget(draft);
  }

  /**
   * This budget, asking for a cheaper model once spending has reached this share of the limit. May
   * be given for several shares: the highest that is reached holds.
   *
   * @param share above 0 and at most 1
   * @param model the name of the cheaper model
   * @throws IllegalArgumentException if the share is out of range or the model blank
   */
  public Budget downgradeTo(double share, String model) {
    notBlank("cheaper model", model);
    return downgradeTo(share, any -> model);
  }

  /**
   * As {@link #downgradeTo(double, String)}, with a model for each.
   *
   * @param cheaper is given the name of the model that was asked for, and returns the one to use;
   *     the same one, or null, leaves it. What it throws is logged, and leaves it too
   */
  public Budget downgradeTo(double share, UnaryOperator<@Nullable String> cheaper) {
    checkShare("a downgrade", share);
    Draft draft = new Draft(this);
    List<Downgrade> all = new ArrayList<>(downgrades);
    all.removeIf(other -> other.share() == share);
    all.add(new Downgrade(share, Objects.requireNonNull(cheaper, "cheaper")));
    all.sort(Comparator.comparingDouble(Downgrade::share));
    draft.downgrades = List.copyOf(all);
    return new Budget(draft);
  }

  /**
   * This budget, refusing calls that would exceed it. A call is let through all the same where
   * nothing else is spent or running: what it will cost is only an estimate.
   */
  public Budget rejectWhenExceeded() {
    Draft draft = new Draft(this);
    draft.rejecting = true;
    return new Budget(draft);
  }

  /** This budget by the calendar of a zone; that of the monitor unless said. */
  public Budget zone(ZoneId zone) {
    Draft draft = new Draft(this);
    draft.zone = Objects.requireNonNull(zone, "zone");
    return new Budget(draft);
  }

  /**
   * This budget, doing so while the store that several processes share is away. To be said for
   * budgets that reject, where there is a store; the others let calls through.
   */
  public Budget whenUnavailable(StoreOutage outage) {
    Draft draft = new Draft(this);
    draft.outage = Objects.requireNonNull(outage, "outage");
    return new Budget(draft);
  }

  public String name() {
    return name;
  }

  public Cost limit() {
    return limit;
  }

  /** The first attribute whose values have a budget each; empty where all share one. */
  public Optional<String> attribute() {
    return attributes.stream().findFirst();
  }

  /** The attributes whose values have a budget each; empty where all share one. */
  public List<String> attributes() {
    return attributes;
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

  List<Downgrade> downgrades() {
    return downgrades;
  }

  Optional<ZoneId> zone() {
    return Optional.ofNullable(zone);
  }

  Optional<StoreOutage> outage() {
    return Optional.ofNullable(outage);
  }

  /** Whether it counts runs, which are over some day and live in one process. */
  boolean ofRuns() {
    return attributes.contains(RUN);
  }

  @Override
  public String toString() {
    return "Budget{"
        + name
        + ", "
        + limit
        + " "
        + period.label()
        + (attributes.isEmpty() ? "" : " per " + String.join(", ", attributes))
        + '}';
  }

  private static void checkShare(String what, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(what + " must be above 0 and at most 1: " + share);
    }
  }

  private static String notBlank(String what, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "the " + what + " of a budget must not be blank: '" + value + "'");
    }
    return value;
  }

  /** A share of the limit from which on a cheaper model is asked for. */
  record Downgrade(double share, UnaryOperator<@Nullable String> cheaper) {}

  /** A budget that is being changed. */
  private static final class Draft {

    private final BudgetPeriod period;
    private final Cost limit;
    private String name;
    private List<String> attributes = List.of();
    private List<Double> marks = List.of();
    private List<Downgrade> downgrades = List.of();
    private boolean rejecting;
    private @Nullable ZoneId zone;
    private @Nullable StoreOutage outage;

    private Draft(BudgetPeriod period, Cost limit, String name) {
      this.period = period;
      this.limit = limit;
      this.name = name;
    }

    private Draft(Budget from) {
      this(from.period, from.limit, from.name);
      attributes = from.attributes;
      marks = from.marks;
      downgrades = from.downgrades;
      rejecting = from.rejecting;
      zone = from.zone;
      outage = from.outage;
    }
  }
}
