package dev.agentops.tracing.jdbc;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells what failed in a database, without what was to be written to it. */
final class DatabaseErrors {

  /** As sqlite-jdbc begins its messages. */
  private static final Pattern SQLITE_CODE = Pattern.compile("^\\[(SQLITE_[A-Z_]+)]");

  private DatabaseErrors() {}

  /**
   * An exception that may be logged, with the codes and the stack trace of this one. Drivers put
   * the values of a statement, hence prompts and answers, into messages, and into those of further
   * exceptions behind them.
   */
  static SQLException withoutValues(SQLException failure) {
    SQLException first = failure;
    // of a batch that was aborted, the next one says why
    while (first.getSQLState() == null && first.getNextException() != null) {
      first = first.getNextException();
    }
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
}
