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
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that makes room for a new one when it is full or old: {@code spans.jsonl} becomes
 * {@code spans.jsonl.1}, that one {@code spans.jsonl.2}, and the last one goes. After any failure
 * it is opened anew. Not thread-safe.
 */
final class RotatingFile {

  private final Path file;
  private final long maximumBytes;
  private final int maximumFiles;
  private final @Nullable Duration maximumAge;
  private final Clock clock;

  private @Nullable FileChannel channel; // null: not open
  private @Nullable Object identity;
  private long size;
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

  /** Appends whole lines, all or, as far as the disk lets us, none of them. */
  void append(ByteBuffer lines) throws IOException {
    FileChannel to = open();
    if (size > 0 && (isOld() || size + lines.remaining() > maximumBytes)) {
      close();
      rotate();
      to = open();
    }
    long before = size;
    try {
      while (lines.hasRemaining()) {
        size += to.write(lines);
      }
    } catch (IOException | RuntimeException e) {
      discardFrom(before, to, e);
      throw e;
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
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      identity = attributes.fileKey();
      size = opened.size();
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

  /** Takes back what was written of lines that are to be written again. */
  private void discardFrom(long before, FileChannel to, Exception failure) {
    try {
      to.truncate(before);
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e); // the next one to open the file ends the torn line
    }
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
