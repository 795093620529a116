package dev.agentops.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What stores do with the file of a SQLite database besides SQL. Stateless. */
public final class SqliteFiles {

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private SqliteFiles() {}

  /**
   * Makes an empty file where there is none, and its folders: readable for its owner only, where
   * the file system can, since it tells what users do.
   *
   * @param path absolute
   */
  public static void create(Path path) throws IOException {
    Path folder = path.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    if (!Files.exists(path)
        && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try {
        Files.createFile(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } catch (FileAlreadyExistsException e) {
        // another process was first
      }
    }
  }

  /** Whether SQLite can take this file: a database, or one that is empty or not there yet. */
  public static boolean isDatabase(Path path) throws IOException {
    if (!Files.exists(path)) {
      return true;
    }
    try (InputStream file = Files.newInputStream(path)) {
      byte[] begin = file.readNBytes(MAGIC.length);
      return begin.length == 0 || Arrays.equals(begin, MAGIC);
    }
  }

  /**
   * What tells this file from one that was made in its place; null where there is none. SQLite goes
   * on to write into a file that was deleted, where no one will ever read it.
   */
  public static @Nullable Object identity(Path path) {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key == null ? path : key; // not every file system has keys
    } catch (IOException e) {
      return null;
    }
  }
}
