package dev.agentops.tracing.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.AgentOpsException;
import dev.agentops.jdbc.SqliteFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Opens a SQLite file with a pool. The one class here that needs the optional jars. */
final class SqliteFile {

  /** SQLite has one writer; the others read. */
  private static final int CONNECTIONS = 4;

  private static final int BUSY_MILLIS = 30_000;

  /** Two processes that make the file at once may get in each other's way for a moment. */
  private static final int OPEN_MILLIS = 5_000;

  private SqliteFile() {}

  static HikariDataSource open(Path file) {
    Path path = file.toAbsolutePath();
    create(path);
    SQLiteConfig sqlite = new SQLiteConfig();
    sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
    sqlite.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    sqlite.setBusyTimeout(BUSY_MILLIS);
    SQLiteDataSource source = new SQLiteDataSource(sqlite);
    source.setUrl("jdbc:sqlite:" + path);
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("agentops-spans");
    pool.setDataSource(source);
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setInitializationFailTimeout(OPEN_MILLIS);
    try {
      return new HikariDataSource(pool);
    } catch (RuntimeException e) {
      throw new AgentOpsException("cannot open the SQLite file '" + path + "'", e);
    }
  }

  private static void create(Path path) {
    try {
      SqliteFiles.create(path);
    } catch (IOException e) {
      throw new AgentOpsException("cannot create the SQLite file '" + path + "'", e);
    }
  }
}
