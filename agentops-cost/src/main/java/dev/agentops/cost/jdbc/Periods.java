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
 */
record Periods(Grain grain, long from, long until) {

  /** The fewest periods that make up the days of a query: whole months, and the days beside. */
  static List<Periods> of(UsageQuery query) {
    if (query.from().isEmpty() && query.until().isEmpty()) {
      return List.of(new Periods(Grain.ALL, 0, 1));
    }
    LocalDate from = query.from().orElse(LocalDate.MIN);
    LocalDate until = query.until().orElse(LocalDate.MAX);
    long firstMonth = Grain.month(from) + (from.getDayOfMonth() == 1 ? 0 : 1);
    long endMonth = Grain.month(until);
    if (firstMonth >= endMonth) {
      return List.of(days(query));
    }
    long firstOfMonths =
        from.getDayOfMonth() == 1 ? from.toEpochDay() : from.toEpochDay() + daysLeft(from);
    return List.of(
        new Periods(Grain.DAY, from.toEpochDay(), firstOfMonths),
        new Periods(Grain.MONTH, firstMonth, endMonth),
        new Periods(Grain.DAY, until.withDayOfMonth(1).toEpochDay(), until.toEpochDay()));
  }

  /** The days of a query. */
  static Periods days(UsageQuery query) {
    return new Periods(
        Grain.DAY,
        query.from().map(LocalDate::toEpochDay).orElse(Long.MIN_VALUE),
        query.until().map(LocalDate::toEpochDay).orElse(Long.MAX_VALUE));
  }

  void bind(PreparedStatement select, int index) throws SQLException {
    select.setInt(index, grain.code());
    select.setLong(index + 1, from);
    select.setLong(index + 2, until);
  }

  private static int daysLeft(LocalDate day) {
    return day.lengthOfMonth() - day.getDayOfMonth() + 1;
  }
}
