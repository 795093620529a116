package dev.agentops.cache.jdbc;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.jdbc.SqliteFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.sqlite.SQLiteConfig;

/** Opens sessions on one file. The one class here that needs the optional jar. Immutable. */
final class SqliteFile {

  /** Of new files; SQLite's default, by which bytes are counted in pages. */
  static final int PAGE_BYTES = 4_096;

  private static final int LOG_BYTES = 16 << 20;

  private final Path path;
  private final long maximumPages;

  SqliteFile(Path path, long maximumBytes) {
    this.path = path.toAbsolutePath();
    this.maximumPages = maximumBytes / PAGE_BYTES;
  }

  Path path() {
    return path;
  }

  /**
   * Makes the file if there is none.
   *
   * @throws CacheStoreException if it cannot be, or is no database
   */
  void create() {
    try {
      SqliteFiles.create(path);
      if (!SqliteFiles.isDatabase(path)) {
        throw new CacheStoreException(
            "cannot open the SQLite file '" + path + "': it is not a database of SQLite", null);
      }
    } catch (IOException e) {
      throw new CacheStoreException("cannot create the SQLite file '" + path + "'", e);
    }
  }

  /** A session that waits this long for locks of other processes. */
  SqliteSession connect(Duration wait) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout((int) Math.max(1, wait.toMillis()));
    config.setPageSize(PAGE_BYTES);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    // after a loss of power the newest values may be gone, and nothing else
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setJournalSizeLimit(LOG_BYTES);
    config.setPragma(SQLiteConfig.Pragma.MAX_PAGE_COUNT, String.valueOf(maximumPages));
    return new SqliteSession(config.createConnection("jdbc:sqlite:" + path));
  }
}
