package dev.agentops.jdbc;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells what failed in a database, without what was to be written to it, and whether it passes.
 * Stateless.
 */
public final class DatabaseErrors {

  /** As sqlite-jdbc begins its messages. */
  private static final Pattern SQLITE_CODE = Pattern.compile("^\\[(SQLITE_[A-Z_]+)]");

  /**
   * What SQLite says of its file or its surroundings, not of what is to be written: permissions,
   * busy, locked, memory, read-only, interrupted, input and output, full, cannot open, protocol,
   * schema.
   */
  private static final Set<Integer> SQLITE_PASSING = Set.of(3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 17);

  /**
   * Classes of SQL states that say the same: connection, transaction state, rollback, resources,
   * prerequisites, operator, system.
   */
  private static final Set<String> PASSING_STATES =
      Set.of("08", "25", "40", "53", "55", "57", "58");

  private DatabaseErrors() {}

  /**
   * An exception that may be logged, with the codes and the stack trace of this one. Drivers put
   * the values of a statement, hence names of users, into messages, and into those of further
   * exceptions behind them.
   */
  public static SQLException withoutValues(SQLException failure) {
    SQLException first = cause(failure);
    StringBuilder text = new StringBuilder(first.getClass().getName());
    if (first.getSQLState() != null) {
      text.append(", SQL state ").append(first.getSQLState());
    }
    if (first.getErrorCode() != 0) {
      text.append(", error code ").append(first.getErrorCode());
    }
    Matcher name = SQLITE_CODE.matcher(String.valueOf(first.getMessage()));
    if (name.find()) {
      text.append(", ").append(name.group(1));
    }
    SQLException told =
        new SQLException(text.toString(), first.getSQLState(), first.getErrorCode());
    told.setStackTrace(failure.getStackTrace());
    return told;
  }

  /** Whether the same statements can succeed later, since nothing is wrong with their values. */
  public static boolean mayPass(SQLException failure) {
    SQLException first = cause(failure);
    if (first instanceof SQLTransientException || first instanceof SQLRecoverableException) {
      return true;
    }
    String state = first.getSQLState();
    if (state != null) {
      return state.length() >= 2 && PASSING_STATES.contains(state.substring(0, 2));
    }
    return SQLITE_PASSING.contains(first.getErrorCode() & 0xff);
  }

  /** Of a batch that was aborted, the next exception says why. */
  private static SQLException cause(SQLException failure) {
    SQLException first = failure;
    while (first.getSQLState() == null && first.getNextException() != null) {
      first = first.getNextException();
    }
    return first;
  }
}
