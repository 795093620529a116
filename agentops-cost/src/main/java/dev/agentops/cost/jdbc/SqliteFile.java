package dev.agentops.cost.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.cost.LedgerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
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

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private final Path path;
  private final HikariDataSource pool;
  private volatile @Nullable Object identity;

  private SqliteFile(Path path, HikariDataSource pool) {
    this.path = path;
    this.pool = pool;
    identity = identity(path);
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
    Object now = identity(path);
    if (Objects.equals(now, identity)) {
      return false;
    }
    create(path);
    identity = identity(path);
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

  private static @Nullable Object identity(Path path) {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key == null ? path : key; // not every file system has keys
    } catch (IOException e) {
      return null;
    }
  }

  /** The pool would try for a while what will not change. */
  private static void requireDatabase(Path path) {
    try (InputStream file = Files.newInputStream(path)) {
      byte[] begin = file.readNBytes(MAGIC.length);
      if (begin.length > 0 && !Arrays.equals(begin, MAGIC)) {
        throw new LedgerException(
            "cannot open the SQLite file '" + path + "': it is not a database of SQLite");
      }
    } catch (IOException e) {
      throw new LedgerException("cannot read the SQLite file '" + path + "'", e);
    }
  }

  /** Readable for its owner only, where the file system can: it tells who uses what. */
  private static void create(Path path) {
    try {
      Path folder = path.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      if (!Files.exists(path)
          && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (FileAlreadyExistsException e) {
      // another process was first
    } catch (IOException e) {
      throw new LedgerException("cannot create the SQLite file '" + path + "'", e);
    }
  }
}
