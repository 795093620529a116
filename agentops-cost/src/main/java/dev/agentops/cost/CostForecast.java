package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a month will have cost when it ends, if the rest of it is like the last four weeks.
 * Immutable, hence thread-safe.
 *
 * <p>Each day to come is taken for the mean of the same weekday in the {@value #BASIS_DAYS} days
 * before today, or of all these days as long as that weekday has not been seen; what is spent in
 * the month is added as it is. Today counts as its mean or as what it has cost so far, whichever is
 * more. {@link #lowest()} and {@link #highest()} put the cheapest and the dearest day of that
 * weekday in place of the mean, or of all these days as long as that weekday was seen only once.
 * Days without records since the first record of all count as zero. Means are rounded to
 * pico-dollars, half even.
 *
 * <p>Fewer than seven days say little: {@link #lowest()} then is what is spent.
 */
public final class CostForecast {

  /** {@value} days, four of each weekday. */
  public static final int BASIS_DAYS = 28;

  private static final int SURE_DAYS = 7;

  private final YearMonth month;
  private final Cost spent;
  private final Cost expected;
  private final Cost lowest;
  private final Cost highest;
  private final int basisDays;

  private CostForecast(
      YearMonth month, Cost spent, Cost expected, Cost lowest, Cost highest, int basisDays) {
    this.month = month;
    this.spent = spent;
    this.expected = expected;
    this.lowest = lowest;
    this.highest = highest;
    this.basisDays = basisDays;
  }

  /**
   * A forecast for the month of today.
   *
   * @param query whose dimension and value count; its days do not
   * @param today a day of the ledger's zone that has not ended
   * @return empty where there are no records of an earlier day
   */
  public static Optional<CostForecast> of(UsageLedger ledger, UsageQuery query, LocalDate today) {
    YearMonth month = YearMonth.from(today);
    LocalDate first = today.minusDays(BASIS_DAYS);
    LocalDate from = first.isBefore(month.atDay(1)) ? first : month.atDay(1);
    NavigableMap<LocalDate, CostStatistics> days =
        ledger.days(query.during(from, today.plusDays(1)));
    boolean begunBefore =
        !ledger.totals(query.during(LocalDate.MIN, first)).equals(CostStatistics.NONE);
    Basis basis =
        Basis.of(days.subMap(first, true, today, false), begunBefore ? first : null, today);
    if (basis.days() == 0) {
      return Optional.empty();
    }
    Cost past = sum(days.subMap(month.atDay(1), true, today, false));
    Cost soFar = sum(days.subMap(today, true, today, true));
    Cost expected = past.plus(most(soFar, basis.mean(today.getDayOfWeek())));
    Cost lowest = past.plus(most(soFar, basis.least(today.getDayOfWeek())));
    Cost highest = past.plus(most(soFar, basis.most(today.getDayOfWeek())));
    for (LocalDate day = today.plusDays(1);
        !day.isAfter(month.atEndOfMonth());
        day = day.plusDays(1)) {
      expected = expected.plus(basis.mean(day.getDayOfWeek()));
      lowest = lowest.plus(basis.least(day.getDayOfWeek()));
      highest = highest.plus(basis.most(day.getDayOfWeek()));
    }
    Cost spent = past.plus(soFar);
    if (basis.days() < SURE_DAYS) {
      lowest = spent;
    }
    return Optional.of(new CostForecast(month, spent, expected, lowest, highest, basis.days()));
  }

  public YearMonth month() {
    return month;
  }

  /** What the month has cost so far. */
  public Cost spent() {
    return spent;
  }

  /** What the month will have cost if each day to come is as its weekday was in the mean. */
  public Cost expected() {
    return expected;
  }

  /** What it will have cost if each day to come is as the cheapest of its weekday was. */
  public Cost lowest() {
    return lowest;
  }

  /** What it will have cost if each day to come is as the dearest of its weekday was. */
  public Cost highest() {
    return highest;
  }

  /** From how many days it was told, at most {@value #BASIS_DAYS}. */
  public int basisDays() {
    return basisDays;
  }

  @Override
  public String toString() {
    return month + ": " + expected + ", between " + lowest + " and " + highest;
  }

  private static Cost sum(Map<LocalDate, CostStatistics> days) {
    return days.values().stream().map(CostStatistics::totalCost).reduce(Cost.ZERO, Cost::plus);
  }

  private static Cost most(Cost one, Cost other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /** What the days of each weekday have cost. */
  private record Basis(Map<DayOfWeek, List<Cost>> byWeekday, List<Cost> all) {

    /**
     * The days before today.
     *
     * @param begin the first one; null for the first that has records
     */
    private static Basis of(
        NavigableMap<LocalDate, CostStatistics> days, @Nullable LocalDate begin, LocalDate today) {
      Map<DayOfWeek, List<Cost>> byWeekday = new TreeMap<>();
      List<Cost> all = new ArrayList<>();
      LocalDate first = begin != null ? begin : days.isEmpty() ? today : days.firstKey();
      for (LocalDate day = first; day.isBefore(today); day = day.plusDays(1)) {
        Cost cost = days.getOrDefault(day, CostStatistics.NONE).totalCost();
        byWeekday.computeIfAbsent(day.getDayOfWeek(), key -> new ArrayList<>()).add(cost);
        all.add(cost);
      }
      return new Basis(byWeekday, all);
    }

    private int days() {
      return all.size();
    }

    private Cost mean(DayOfWeek weekday) {
      List<Cost> costs = of(weekday);
      BigDecimal sum = costs.stream().map(Cost::usd).reduce(BigDecimal.ZERO, BigDecimal::add);
      return Cost.usd(sum.divide(BigDecimal.valueOf(costs.size()), 12, RoundingMode.HALF_EVEN));
    }

    private Cost least(DayOfWeek weekday) {
      return atLeastTwo(weekday).stream().min(Cost::compareTo).orElseThrow();
    }

    private Cost most(DayOfWeek weekday) {
      return atLeastTwo(weekday).stream().max(Cost::compareTo).orElseThrow();
    }

    private List<Cost> atLeastTwo(DayOfWeek weekday) {
      List<Cost> costs = of(weekday);
      return costs.size() < 2 ? all : costs;
    }

    private List<Cost> of(DayOfWeek weekday) {
      return byWeekday.getOrDefault(weekday, all);
    }
  }
}
