package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageQuery;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;

/**
 * Consecutive periods of one length.
 *
 * @param until the number of the first period after them
 * @param unfolded whether only those that are not yet in longer periods, see {@link Fold}
 */
record Periods(Grain grain, long from, long until, boolean unfolded) {

  static final String RANGE = "grain = ? AND period >= ? AND period < ?";

  /** Has one lower bound, since of two, an index is searched by the wrong one. */
  private static final String UNFOLDED_RANGE =
      "grain = ? AND period >= (SELECT CASE WHEN MAX(number) > MAX(first) THEN MAX(number)"
          + " ELSE MAX(first) END"
          + " FROM agentops_usage_settings, (SELECT CAST(? AS BIGINT) AS first) bound"
          + " WHERE name IN ('folded_until', ?)) AND period < ?";

  /**
   * The fewest periods that make up the days of a query: whole months, and the days beside them and
   * not yet in them.
   */
  static List<Periods> of(UsageQuery query) {
    if (query.from().isEmpty() && query.until().isEmpty()) {
      return List.of(
          new Periods(Grain.ALL, 0, 1, false),
          new Periods(Grain.DAY, Long.MIN_VALUE, Long.MAX_VALUE, true));
    }
    LocalDate from = query.from().orElse(LocalDate.MIN);
    LocalDate until = query.until().orElse(LocalDate.MAX);
    boolean wholeMonth = from.getDayOfMonth() == 1;
    long firstMonth = Grain.month(from) + (wholeMonth ? 0 : 1);
    long endMonth = Grain.month(until);
    if (firstMonth >= endMonth) {
      return List.of(days(query));
    }
    long monthsBegin =
        from.toEpochDay() + (wholeMonth ? 0 : from.lengthOfMonth() - from.getDayOfMonth() + 1);
    long monthsEnd = until.withDayOfMonth(1).toEpochDay();
    return List.of(
        new Periods(Grain.DAY, from.toEpochDay(), monthsBegin, false),
        new Periods(Grain.MONTH, firstMonth, endMonth, false),
        new Periods(Grain.DAY, monthsBegin, monthsEnd, true),
        new Periods(Grain.DAY, monthsEnd, until.toEpochDay(), false));
  }

  /** The days of a query. */
  static Periods days(UsageQuery query) {
    return new Periods(
        Grain.DAY,
        query.from().map(LocalDate::toEpochDay).orElse(Long.MIN_VALUE),
        query.until().map(LocalDate::toEpochDay).orElse(Long.MAX_VALUE),
        false);
  }

  /** What holds for their rows. */
  String condition() {
    return unfolded ? UNFOLDED_RANGE : RANGE;
  }

  /** Binds the parameters of the {@link #condition()}; returns the index of the next one. */
  int bind(PreparedStatement select, int index, String dimension) throws SQLException {
    int next = index;
    select.setInt(next++, grain.code());
    select.setLong(next++, from);
    if (unfolded) {
      select.setString(next++, Fold.setting(dimension));
    }
    select.setLong(next++, until);
    return next;
  }
}
