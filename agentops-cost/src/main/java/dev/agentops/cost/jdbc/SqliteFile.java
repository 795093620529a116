package dev.agentops.cost.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.cost.LedgerException;
import dev.agentops.jdbc.SqliteFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** A SQLite file with a pool. The one class here that needs the optional jars. */
final class SqliteFile implements ConnectionSource {

  /** SQLite has one writer; the others read. */
  private static final int CONNECTIONS = 4;

  private static final int BUSY_MILLIS = 5_000;

  /** Two processes that make the file at once may get in each other's way for a moment. */
  private static final int OPEN_MILLIS = 5_000;

  /** Pages in the log before they go to the file: fewer, larger writes than the 1,000 of SQLite. */
  private static final int CHECKPOINT_PAGES = 4_000;

  private static final int LOG_BYTES = 64 << 20;

  /** KiB of pages that a connection keeps; negative, as SQLite wants it. */
  private static final int CACHE_KIB = -16_000;

  private final Path path;
  private final HikariDataSource pool;
  private volatile @Nullable Object identity;

  private SqliteFile(Path path, HikariDataSource pool) {
    this.path = path;
    this.pool = pool;
    identity = SqliteFiles.identity(path);
  }

  static SqliteFile open(Path file, boolean survivesPowerLoss) {
    Path path = file.toAbsolutePath();
    create(path);
    requireDatabase(path);
    SQLiteConfig sqlite = new SQLiteConfig();
    sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
    sqlite.setSynchronous(
        survivesPowerLoss
            ? SQLiteConfig.SynchronousMode.FULL
            : SQLiteConfig.SynchronousMode.NORMAL);
    sqlite.setBusyTimeout(BUSY_MILLIS);
    sqlite.setCacheSize(CACHE_KIB);
    sqlite.setJournalSizeLimit(LOG_BYTES);
    sqlite.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, String.valueOf(CHECKPOINT_PAGES));
    SQLiteDataSource source = new SQLiteDataSource(sqlite);
    source.setUrl("jdbc:sqlite:" + path);
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("agentops-usage");
    pool.setDataSource(source);
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(OPEN_MILLIS);
    pool.setInitializationFailTimeout(OPEN_MILLIS);
    try {
      return new SqliteFile(path, new HikariDataSource(pool));
    } catch (RuntimeException e) {
      throw new LedgerException("cannot open the SQLite file '" + path + "': " + e.getMessage(), e);
    }
  }

  @Override
  public Connection connect() throws SQLException {
    return pool.getConnection();
  }

  /**
   * SQLite goes on to write into a file that was deleted, where no one will ever read it. Here, a
   * new one is begun.
   */
  @Override
  public boolean lost() {
    Object now = SqliteFiles.identity(path);
    if (Objects.equals(now, identity)) {
      return false;
    }
    create(path);
    identity = SqliteFiles.identity(path);
    pool.getHikariPoolMXBean().softEvictConnections();
    return true;
  }

  @Override
  public String name() {
    return "the SQLite file '" + path + "'";
  }

  @Override
  public void close() {
    pool.close();
  }

  /** The pool would try for a while what will not change. */
  private static void requireDatabase(Path path) {
    try {
      if (!SqliteFiles.isDatabase(path)) {
        throw new LedgerException(
            "cannot open the SQLite file '" + path + "': it is not a database of SQLite");
      }
    } catch (IOException e) {
      throw new LedgerException("cannot read the SQLite file '" + path + "'", e);
    }
  }

  private static void create(Path path) {
    try {
      SqliteFiles.create(path);
    } catch (IOException e) {
      throw new LedgerException("cannot create the SQLite file '" + path + "'", e);
    }
  }
}
