package dev.agentops.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What changes when a file does, without reading it.
 *
 * @param real where all symbolic links lead; null while there is no such file
 * @param inode the file system's own name of the file, another one where it was replaced; null
 *     where the file system has none
 */
record FileStamp(
    @Nullable Path real, long size, @Nullable FileTime modified, @Nullable Object inode) {

  private static final FileStamp NONE = new FileStamp(null, -1, null, null);

  static FileStamp of(Path file) {
    try {
      Path real = file.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      return new FileStamp(
          real, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    } catch (IOException e) {
      return NONE;
    }
  }
}
