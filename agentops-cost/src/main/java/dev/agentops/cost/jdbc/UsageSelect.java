package dev.agentops.cost.jdbc;

import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import dev.agentops.jdbc.DbText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads rows of totals and of records, always by an index. */
final class UsageSelect {

  private static final String FROM = " FROM agentops_usage_totals WHERE dimension = ? AND ";

  private UsageSelect() {}

  static CostStatistics totals(Connection connection, Dialect dialect, UsageQuery query)
      throws SQLException {
    String columns = columns(dialect) + fromValue(dialect);
    List<Periods> pieces = Periods.of(query);
    Totals sum = new Totals();
    try (PreparedStatement select =
        connection.prepareStatement(union(pieces, "SELECT " + columns))) {
      int next = 1;
      for (Periods periods : pieces) {
        next = bindLabel(select, next, query);
        next = periods.bind(select, next, dimension(query));
      }
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          sum.add(dialect.readTotals(rows, 1));
        }
      }
    }
    return sum.statistics();
  }

  static Map<String, CostStatistics> totalsBy(
      Connection connection, Dialect dialect, String dimension, UsageQuery query)
      throws SQLException {
    String columns = "value, " + columns(dialect) + FROM;
    List<Periods> pieces = Periods.of(query);
    Map<String, Totals> sums = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(union(pieces, "SELECT " + columns))) {
      int next = 1;
      for (Periods periods : pieces) {
        select.setString(next, DbText.key(dimension));
        next = periods.bind(select, next + 1, DbText.key(dimension));
      }
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          sums.computeIfAbsent(rows.getString(1), value -> new Totals())
              .add(dialect.readTotals(rows, 2));
        }
      }
    }
    Map<String, CostStatistics> totals = new TreeMap<>();
    sums.forEach((value, sum) -> totals.put(value, sum.statistics()));
    return totals;
  }

  static NavigableMap<LocalDate, CostStatistics> days(
      Connection connection, Dialect dialect, UsageQuery query) throws SQLException {
    NavigableMap<LocalDate, CostStatistics> days = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT period, " + columns(dialect) + fromValue(dialect) + Periods.RANGE)) {
      Periods.days(query).bind(select, bindLabel(select, 1, query), dimension(query));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          days.put(LocalDate.ofEpochDay(rows.getLong(1)), dialect.readTotals(rows, 2).statistics());
        }
      }
    }
    return days;
  }

  /** The hours that begin at or after the one moment and before the other. */
  static NavigableMap<Instant, CostStatistics> hours(
      Connection connection, Dialect dialect, long from, long until) throws SQLException {
    NavigableMap<Instant, CostStatistics> hours = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT period, " + columns(dialect) + fromValue(dialect) + Periods.RANGE)) {
      new Periods(Grain.HOUR, from, until, false)
          .bind(select, bindLabel(select, 1, UsageQuery.all()), Label.EVERYTHING.dimension());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          hours.put(
              Instant.ofEpochSecond(rows.getLong(1)), dialect.readTotals(rows, 2).statistics());
        }
      }
    }
    return hours;
  }

  /** The next records after a place, which moves on. */
  static List<UsageRecord> records(Connection connection, Place place, Instant until, int limit)
      throws SQLException {
    List<UsageRecord> records = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT epoch_second, nano, seq, document FROM agentops_usage_records"
                + " WHERE (epoch_second, nano, seq) > (?, ?, ?) AND (epoch_second, nano) < (?, ?)"
                + " ORDER BY epoch_second, nano, seq LIMIT "
                + limit)) {
      select.setLong(1, place.second);
      select.setInt(2, place.nano);
      select.setLong(3, place.seq);
      select.setLong(4, until.getEpochSecond());
      select.setInt(5, until.getNano());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          place.second = rows.getLong(1);
          place.nano = rows.getInt(2);
          place.seq = rows.getLong(3);
          records.add(RecordJson.read(rows.getString(4), RecordTable.timestamp(rows)));
        }
      }
    }
    return records;
  }

  static long removedRecords(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "SELECT number FROM agentops_usage_settings WHERE name = 'removed_records'")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private static String fromValue(Dialect dialect) {
    return " FROM agentops_usage_totals"
        + dialect.searchValue()
        + " WHERE dimension = ? AND value = ? AND ";
  }

  private static String columns(Dialect dialect) {
    return String.join(", ", dialect.totalsColumns().keySet());
  }

  /** One statement, hence of one moment. */
  private static String union(List<Periods> pieces, String select) {
    return pieces.stream()
        .map(periods -> select + periods.condition())
        .collect(Collectors.joining(" UNION ALL "));
  }

  private static int bindLabel(PreparedStatement select, int index, UsageQuery query)
      throws SQLException {
    select.setString(index, dimension(query));
    select.setString(index + 1, query.value().map(DbText::key).orElse(Label.EVERYTHING.value()));
    return index + 2;
  }

  private static String dimension(UsageQuery query) {
    return query.dimension().map(DbText::key).orElse(Label.EVERYTHING.dimension());
  }

  /** How far a reader of records has come. */
  static final class Place {

    private long second;
    private int nano;
    private long seq;

    Place(Instant from) {
      second = from.getEpochSecond();
      nano = from.getNano();
      seq = Long.MIN_VALUE;
    }
  }
}
