package dev.agentops.tracing.export;

import dev.agentops.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that makes room for a new one when it is full or old: {@code spans.jsonl} becomes
 * {@code spans.jsonl.1}, that one {@code spans.jsonl.2}, and the last one goes. After any failure
 * it is opened anew. Not thread-safe.
 */
final class RotatingFile {

  private static final Set<StandardOpenOption> APPENDING =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);

  private final Path file;
  private final long maximumBytes;
  private final int maximumFiles;
  private final @Nullable Duration maximumAge;
  private final Clock clock;

  private @Nullable FileChannel channel; // null: not open
  private @Nullable Object identity;
  private long size;
  private long marked;
  private Instant begun;

  RotatingFile(
      Path file, long maximumBytes, int maximumFiles, @Nullable Duration maximumAge, Clock clock) {
    this.file = file;
    this.maximumBytes = maximumBytes;
    this.maximumFiles = maximumFiles;
    this.maximumAge = maximumAge;
    this.clock = clock;
    this.begun = clock.now();
  }

  /** How many bytes fit in before the next rotation; may be negative. */
  long room() throws IOException {
    open();
    return size == 0 || isOld() ? maximumBytes : maximumBytes - size;
  }

  /** Remembers the end of the file for {@link #takeBack}. */
  void mark() throws IOException {
    open();
    marked = size;
  }

  /** Appends whole lines; if it fails, {@link #takeBack} is to be called. */
  void append(ByteBuffer lines) throws IOException {
    FileChannel to = open();
    if (size > 0 && (isOld() || size + lines.remaining() > maximumBytes)) {
      close();
      rotate();
      to = open();
    }
    while (lines.hasRemaining()) {
      size += to.write(lines);
    }
  }

  /**
   * Takes back what was appended after the {@link #mark}, as far as it is in the current file and
   * the disk lets us; for lines that are to be written again.
   */
  void takeBack(Exception failure) {
    try {
      if (channel == null && isStillThere()) { // closed for a rotation that failed
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
      }
      if (channel != null) {
        channel.truncate(marked);
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e); // the next one to open the file ends the torn line
    }
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  void force() throws IOException {
    if (channel != null) {
      channel.force(false);
    }
  }

  void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  /** Opens the file unless it is; one that was moved or deleted meanwhile is no longer ours. */
  private FileChannel open() throws IOException {
    FileChannel open = channel;
    if (open != null && isStillThere()) {
      return open;
    }
    close();
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    FileChannel opened = FileChannel.open(file, APPENDING, ownerOnly());
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      identity = attributes.fileKey();
      size = opened.size();
      marked = size;
      begun = size == 0 ? clock.now() : attributes.creationTime().toInstant();
      if (size > 0 && !endsWithNewline()) { // torn when the program was killed, or the disk full
        size += opened.write(ByteBuffer.wrap(new byte[] {'\n'}));
      }
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    channel = opened;
    return opened;
  }

  private FileAttribute<?>[] ownerOnly() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private boolean isStillThere() throws IOException {
    try {
      Object found = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return found == null || found.equals(identity); // null: this system has no such thing
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private boolean endsWithNewline() throws IOException {
    try (FileChannel reading = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return reading.read(last, size - 1) == 1 && last.get(0) == '\n';
    }
  }

  private boolean isOld() {
    return maximumAge != null && !clock.now().isBefore(begun.plus(maximumAge));
  }

  /** Shifts files up to the first free place only, so that an attempt that failed loses none. */
  private void rotate() throws IOException {
    int free = 1;
    while (free < maximumFiles - 1 && Files.exists(numbered(free))) {
      free++;
    }
    if (maximumFiles == 1) {
      Files.delete(file);
      return;
    }
    for (int i = free; i > 0; i--) {
      Files.move(numbered(i - 1), numbered(i), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path numbered(int i) {
    return i == 0 ? file : file.resolveSibling(file.getFileName() + "." + i);
  }
}
