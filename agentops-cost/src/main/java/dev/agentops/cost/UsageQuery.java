package dev.agentops.cost;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which records to total: of some days of the ledger's zone, and at most of one value of a
 * dimension. Immutable, hence thread-safe.
 *
 * <pre>{@code
 * UsageQuery.month(YearMonth.of(2026, 11)).where("team", "search")
 * }</pre>
 *
 * <p>A ledger may tell old days by their months only, as {@link InMemoryUsageLedger} does: they
 * then count where their whole month is meant, and where all days are.
 */
public final class UsageQuery {

  private static final UsageQuery ALL = new UsageQuery(null, null, null, null);

  private final @Nullable LocalDate from;
  private final @Nullable LocalDate until;
  private final @Nullable String dimension;
  private final @Nullable String value;

  private UsageQuery(
      @Nullable LocalDate from,
      @Nullable LocalDate until,
      @Nullable String dimension,
      @Nullable String value) {
    this.from = from;
    this.until = until;
    this.dimension = dimension;
    this.value = value;
  }

  /** Everything. */
  public static UsageQuery all() {
    return ALL;
  }

  public static UsageQuery day(LocalDate day) {
    return between(day, day.plusDays(1));
  }

  public static UsageQuery month(YearMonth month) {
    return between(month.atDay(1), month.plusMonths(1).atDay(1));
  }

  /**
   * The days from one to another.
   *
   * @param from the first day
   * @param until the first day after
   * @throws IllegalArgumentException if it is before {@code from}
   */
  public static UsageQuery between(LocalDate from, LocalDate until) {
    Objects.requireNonNull(from, "from");
    if (until.isBefore(from)) {
      throw new IllegalArgumentException(
          "a range must not end before it begins: " + from + " until " + until);
    }
    return new UsageQuery(from, until, null, null);
  }

  /**
   * These records, of one value of a dimension: {@link UsageLedger#MODEL}, {@link
   * UsageLedger#PROVIDER}, {@link UsageLedger#OPERATION}, or an attribute. Replaces an earlier one.
   *
   * @throws IllegalArgumentException if the dimension is blank
   */
  public UsageQuery where(String dimension, String value) {
    if (dimension.isBlank()) {
      throw new IllegalArgumentException("a dimension must not be blank: '" + dimension + "'");
    }
    return new UsageQuery(from, until, dimension, Objects.requireNonNull(value, "value"));
  }

  /**
   * The same of other days.
   *
   * @param from the first day
   * @param until the first day after
   * @throws IllegalArgumentException if it is before {@code from}
   */
  public UsageQuery during(LocalDate from, LocalDate until) {
    UsageQuery days = between(from, until);
    return new UsageQuery(days.from, days.until, dimension, value);
  }

  /** The first day; empty for the first of all. */
  public Optional<LocalDate> from() {
    return Optional.ofNullable(from);
  }

  /** The first day after; empty for no end. */
  public Optional<LocalDate> until() {
    return Optional.ofNullable(until);
  }

  /** The dimension of which only one value counts; empty for no such limit. */
  public Optional<String> dimension() {
    return Optional.ofNullable(dimension);
  }

  /** The value of the {@link #dimension()}; empty where there is none. */
  public Optional<String> value() {
    return Optional.ofNullable(value);
  }

  /**
   * Checks that this has no dimension, where it would be the second one.
   *
   * @throws IllegalArgumentException if it has one
   */
  public void requireNoDimension() {
    if (dimension != null) {
      throw new IllegalArgumentException(
          "a query by one dimension must not have another, cross the two instead: " + this);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UsageQuery that
        && Objects.equals(from, that.from)
        && Objects.equals(until, that.until)
        && Objects.equals(dimension, that.dimension)
        && Objects.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(from, until, dimension, value);
  }

  @Override
  public String toString() {
    return "UsageQuery{"
        + (from == null ? "all days" : "from " + from)
        + (until == null ? "" : " until " + until)
        + (dimension == null ? "" : ", " + dimension + '=' + value)
        + '}';
  }
}
