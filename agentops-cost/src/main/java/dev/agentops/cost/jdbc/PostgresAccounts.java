package dev.agentops.cost.jdbc;

import dev.agentops.cost.BudgetBalance;
import dev.agentops.cost.BudgetDecision;
import dev.agentops.cost.BudgetEntry;
import dev.agentops.cost.BudgetStore;
import dev.agentops.cost.BudgetWindow;
import dev.agentops.jdbc.DbText;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** The accounts in PostgreSQL, asked directly: what fails, throws. Thread-safe. */
final class PostgresAccounts implements BudgetStore {

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigDecimal LEAST = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long DAY_MILLIS = 24 * HOUR_MILLIS;

  private final BudgetDatabase database;

  /** For how long the ids of ended reservations are remembered: an hour, or the longest lease. */
  private final AtomicLong rememberedMillis = new AtomicLong(HOUR_MILLIS);

  PostgresAccounts(BudgetDatabase database) {
    this.database = database;
  }

  @Override
  public BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
    long unused = rememberedMillis.accumulateAndGet(lease.toMillis(), Math::max);
    return database.run(
        "SELECT * FROM agentops_budget_reserve(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (connection, statement) -> {
          Arguments arguments = new Arguments(connection, statement, entries);
          arguments.text(id);
          arguments.number(lease.toMillis());
          arguments.names();
          arguments.numbers(BudgetEntry::amount);
          arguments.numbers(BudgetEntry::limit);
          arguments.array("boolean", BudgetEntry::rejecting);
          arguments.windows();
          return decision(statement);
        });
  }

  @Override
  public List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
    return database.run(
        "SELECT * FROM agentops_budget_settle(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (connection, statement) -> {
          Arguments arguments = new Arguments(connection, statement, entries);
          arguments.text(id);
          arguments.number(rememberedMillis.get());
          arguments.names();
          arguments.numbers(BudgetEntry::amount);
          arguments.numbers(BudgetEntry::limit);
          arguments.windows();
          return decision(statement).balances();
        });
  }

  @Override
  public BudgetBalance balance(BudgetEntry entry) {
    return database.run(
        "SELECT * FROM agentops_budget_read(?, ?, ?, ?, ?, agentops_budget_now())",
        (connection, statement) -> {
          statement.setString(1, DbText.clean(entry.budget()));
          statement.setString(2, DbText.clean(entry.key()));
          statement.setLong(3, entry.limit());
          statement.setLong(4, entry.window().countsFromMillis());
          statement.setLong(5, entry.window().countsToMillis());
          return decision(statement).balances().get(0);
        });
  }

  @Override
  public List<String> keys(String budget, int most) {
    return database.run(
        "SELECT key FROM agentops_budget_accounts WHERE budget = ? ORDER BY key LIMIT ?",
        (connection, statement) -> {
          statement.setString(1, DbText.clean(budget));
          statement.setInt(2, most);
          List<String> keys = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
              keys.add(rows.getString(1));
            }
          }
          return keys;
        });
  }

  @Override
  public SortedMap<Instant, Long> history(String budget, String key, int most) {
    return database.run(
        "SELECT start_millis, spent FROM agentops_budget_spent WHERE budget = ? AND key = ?"
            + " ORDER BY start_millis DESC LIMIT ?",
        (connection, statement) -> {
          statement.setString(1, DbText.clean(budget));
          statement.setString(2, DbText.clean(key));
          statement.setInt(3, most);
          SortedMap<Instant, Long> windows = new TreeMap<>();
          try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
              windows.put(Instant.ofEpochMilli(rows.getLong(1)), amount(rows, 2));
            }
          }
          return windows;
        });
  }

  @Override
  public void increase(String budget, String key, long amount, Instant until) {
    int unused =
        database.run(
            """
            INSERT INTO agentops_budget_accounts AS a
              (budget, key, increase, increased_until, kept_until) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (budget, key) DO UPDATE SET
              increase = excluded.increase, increased_until = excluded.increased_until,
              kept_until = greatest(a.kept_until, excluded.kept_until)
            """,
            (connection, statement) -> {
              long end = millis(until);
              statement.setString(1, DbText.clean(budget));
              statement.setString(2, DbText.clean(key));
              statement.setLong(3, amount);
              statement.setLong(4, end);
              statement.setLong(5, later(end, DAY_MILLIS));
              return statement.executeUpdate();
            });
  }

  @Override
  public void reset(String budget, String key, BudgetWindow window) {
    int unused =
        database.run(
            "DELETE FROM agentops_budget_spent"
                + " WHERE budget = ? AND key = ? AND start_millis BETWEEN ? AND ?",
            (connection, statement) -> {
              statement.setString(1, DbText.clean(budget));
              statement.setString(2, DbText.clean(key));
              statement.setLong(3, window.countsFromMillis());
              statement.setLong(4, window.countsToMillis());
              return statement.executeUpdate();
            });
  }

  @Override
  public void close() {
    database.close();
  }

  private static BudgetDecision decision(PreparedStatement statement) throws SQLException {
    List<BudgetBalance> balances = new ArrayList<>();
    int refused = 0;
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        refused = rows.getInt(1);
        balances.add(
            BudgetBalance.settled(
                amount(rows, 2), amount(rows, 3), amount(rows, 4), amount(rows, 5)));
      }
    }
    return refused == 0
        ? BudgetDecision.granted(balances)
        : BudgetDecision.refused(refused - 1, balances);
  }

  /** The database adds without bounds; beyond those of a long is the nearest one. */
  private static long amount(ResultSet row, int column) throws SQLException {
    return row.getBigDecimal(column).min(MOST).max(LEAST).longValue();
  }

  /** An account is kept for as long after its window as windows before it are kept. */
  private static long expires(BudgetWindow window) {
    long kept = window.startMillis() - window.keepFromMillis();
    long after = later(window.endMillis(), kept);
    return Math.max(after, later(System.currentTimeMillis(), DAY_MILLIS));
  }

  private static long later(long millis, long by) {
    return millis > Long.MAX_VALUE - by ? Long.MAX_VALUE : millis + by;
  }

  private static long millis(Instant time) {
    Instant latest = Instant.ofEpochMilli(Long.MAX_VALUE);
    return time.isAfter(latest) ? Long.MAX_VALUE : time.toEpochMilli();
  }

  /** The parameters of a function, in their order. */
  private static final class Arguments {

    private final Connection connection;
    private final PreparedStatement statement;
    private final List<BudgetEntry> entries;
    private int index;

    Arguments(Connection connection, PreparedStatement statement, List<BudgetEntry> entries) {
      this.connection = connection;
      this.statement = statement;
      this.entries = entries;
    }

    void text(String value) throws SQLException {
      statement.setString(++index, DbText.clean(value));
    }

    void number(long value) throws SQLException {
      statement.setLong(++index, value);
    }

    void names() throws SQLException {
      array("text", entry -> DbText.clean(entry.budget()));
      array("text", entry -> DbText.clean(entry.key()));
    }

    void windows() throws SQLException {
      numbers(entry -> entry.window().startMillis());
      numbers(entry -> entry.window().countsFromMillis());
      numbers(entry -> entry.window().countsToMillis());
      numbers(entry -> entry.window().keepFromMillis());
      numbers(entry -> expires(entry.window()));
    }

    void numbers(Function<BudgetEntry, Long> value) throws SQLException {
      array("bigint", value);
    }

    void array(String type, Function<BudgetEntry, ?> value) throws SQLException {
      Object[] values = entries.stream().map(value).toArray();
      statement.setArray(++index, connection.createArrayOf(type, values));
    }
  }
}
