package dev.agentops.cache.jdbc;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.jdbc.Migrations;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one namespace. Keys are bytes of UTF-8, since SQLite's texts end at NUL. Times are
 * milliseconds since 1970. Immutable.
 */
final class EntryTable {

  private static final String ENTRIES = "agentops_cache_entries";
  private static final String TAGS = "agentops_cache_tags";
  private static final String VERSION = "agentops_cache_schema";

  private static final Migrations MIGRATIONS =
      new Migrations(
          "the cache store",
          VERSION,
          List.of(
              List.of(
                  // the value comes last: SQLite reads the columns before it without touching it
                  "CREATE TABLE "
                      + ENTRIES
                      + " (id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, key BLOB NOT NULL,"
                      + " expires_at INTEGER NOT NULL, value BLOB NOT NULL)",
                  "CREATE UNIQUE INDEX agentops_cache_entries_by_key ON "
                      + ENTRIES
                      + " (namespace, key)",
                  "CREATE INDEX agentops_cache_entries_by_time ON " + ENTRIES + " (expires_at)",
                  "CREATE TABLE "
                      + TAGS
                      + " (namespace TEXT NOT NULL, tag BLOB NOT NULL, entry INTEGER NOT NULL,"
                      + " PRIMARY KEY (namespace, tag, entry)) WITHOUT ROWID",
                  "CREATE INDEX agentops_cache_tags_by_entry ON " + TAGS + " (entry)",
                  "CREATE TRIGGER agentops_cache_entries_deleted AFTER DELETE ON "
                      + ENTRIES
                      + " BEGIN DELETE FROM "
                      + TAGS
                      + " WHERE entry = OLD.id; END")),
          message -> new CacheStoreException(message, null));

  private static final String OF_KEY = " WHERE namespace = ? AND key = ?";
  private static final String OF_PREFIX = " WHERE namespace = ? AND key >= ? AND key < ?";
  private static final String DELETE = "DELETE FROM " + ENTRIES;

  private static final int BATCH = 500;
  private static final int KEYS_PER_PAGE = 500;
  private static final int EXPIRED_PER_PUT = 16;

  /** Pages that a put may need besides those of the value: inner ones, indexes, tags. */
  private static final int MORE_PAGES = 16;

  /** A key or a tag is in a table and an index; pages of both may be half empty. */
  private static final long COPIES = 2;

  private static final int LONG_TAG = SqliteFile.PAGE_BYTES / 8;

  private static final int ROW_BYTES = 16;

  /** No byte of UTF-8 is as large. */
  private static final byte BEYOND = (byte) 0xFF;

  private final String namespace;

  EntryTable(String namespace) {
    this.namespace = namespace;
  }

  static void migrate(Connection connection) throws SQLException {
    MIGRATIONS.run(connection, own -> {});
  }

  /** Shows that the tables can be written. */
  static int touch(SqliteSession session) throws SQLException {
    return session.update("UPDATE " + VERSION + " SET version = version");
  }

  byte @Nullable [] get(SqliteSession session, String key, long now) throws SQLException {
    try (ResultSet row =
        session
            .statement(
                "SELECT value FROM " + ENTRIES + OF_KEY + " AND expires_at > ?",
                namespace,
                utf8(key),
                now)
            .executeQuery()) {
      return row.next() ? row.getBytes(1) : null;
    }
  }

  void put(SqliteSession session, String key, byte[] value, long expiresAt, Set<String> tags)
      throws SQLException {
    int replaced = delete(session, key);
    int inserted =
        session.update(
            "INSERT INTO " + ENTRIES + " (namespace, key, expires_at, value) VALUES (?, ?, ?, ?)",
            namespace,
            utf8(key),
            expiresAt,
            value);
    for (String tag : tags) {
      session.update(
          "INSERT INTO "
              + TAGS
              + " SELECT namespace, ?, id FROM "
              + ENTRIES
              + OF_KEY
              + " ON CONFLICT DO NOTHING",
          utf8(tag),
          namespace,
          utf8(key));
    }
  }

  /** What an entry takes in the file: at most, but for pages that are half empty. */
  long bytes(String key, byte[] value, Set<String> tags) {
    long bytes = value.length + 2 * COPIES * (utf8(key).length + namespace.length());
    for (String tag : tags) {
      int length = utf8(tag).length;
      bytes +=
          length < LONG_TAG
              ? 2 * COPIES * (length + namespace.length() + ROW_BYTES)
              : COPIES * (length + SqliteFile.PAGE_BYTES + 2 * LONG_TAG); // has pages of its own
    }
    return bytes;
  }

  int delete(SqliteSession session, String key) throws SQLException {
    return session.update(DELETE + OF_KEY, namespace, utf8(key));
  }

  /** Deletes some of the entries of a prefix; false if there are no more. */
  boolean deleteSomeByPrefix(SqliteSession session, String prefix) throws SQLException {
    return session.update(
            DELETE
                + " WHERE id IN (SELECT id FROM "
                + ENTRIES
                + OF_PREFIX
                + " LIMIT "
                + BATCH
                + ")",
            namespace,
            utf8(prefix),
            after(prefix))
        == BATCH;
  }

  /** Deletes some of the entries with a tag; false if there are no more. */
  boolean deleteSomeByTag(SqliteSession session, String tag) throws SQLException {
    return session.update(
            DELETE
                + " WHERE id IN (SELECT entry FROM "
                + TAGS
                + " WHERE namespace = ? AND tag = ? LIMIT "
                + BATCH
                + ")",
            namespace,
            utf8(tag))
        == BATCH;
  }

  /** Keys of a prefix in the order of their bytes, from after this one on. */
  List<String> keys(SqliteSession session, String prefix, @Nullable String after, long now)
      throws SQLException {
    List<String> keys = new ArrayList<>();
    try (ResultSet rows =
        session
            .statement(
                "SELECT key FROM "
                    + ENTRIES
                    + OF_PREFIX
                    + " AND expires_at > ? ORDER BY key LIMIT "
                    + KEYS_PER_PAGE,
                namespace,
                after == null ? utf8(prefix) : plus(utf8(after), (byte) 0),
                after(prefix),
                now)
            .executeQuery()) {
      while (rows.next()) {
        keys.add(new String(rows.getBytes(1), StandardCharsets.UTF_8));
      }
    }
    return keys;
  }

  static boolean isFullPage(List<String> keys) {
    return keys.size() == KEYS_PER_PAGE;
  }

  /** Deletes a few entries of any namespace whose time is over. */
  static int deleteExpired(SqliteSession session, long now) throws SQLException {
    return session.update(
        DELETE
            + " WHERE id IN (SELECT id FROM "
            + ENTRIES
            + " WHERE expires_at <= ? ORDER BY expires_at LIMIT "
            + EXPIRED_PER_PUT
            + ")",
        now);
  }

  /**
   * Deletes entries of any namespace, those first whose time is over the soonest, until some bytes
   * more fit into so many bytes.
   *
   * @return how many it deleted
   */
  static long makeRoom(SqliteSession session, long bytes, long maximumBytes) throws SQLException {
    long needed = bytes / (SqliteFile.PAGE_BYTES - 4) + MORE_PAGES;
    long maximumPages = maximumBytes / SqliteFile.PAGE_BYTES;
    long deleted = 0;
    long batch = 1;
    while (usedPages(session) + needed > maximumPages) {
      int gone =
          session.update(
              DELETE + " WHERE id IN (SELECT id FROM " + ENTRIES + " ORDER BY expires_at LIMIT ?)",
              batch);
      if (gone == 0) {
        break; // what is in the way is not ours; the database itself says so then
      }
      deleted += gone;
      batch = Math.min(2 * batch, BATCH);
    }
    return deleted;
  }

  private static long usedPages(SqliteSession session) throws SQLException {
    return session.number("PRAGMA page_count") - session.number("PRAGMA freelist_count");
  }

  private static byte[] after(String prefix) {
    return plus(utf8(prefix), BEYOND);
  }

  private static byte[] plus(byte[] bytes, byte more) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    longer[bytes.length] = more;
    return longer;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
