package dev.agentops.tracing.export;

import dev.agentops.Clock;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanExporter;
import dev.agentops.tracing.SpanJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Appends each span as one line of JSON, that of {@link SpanJson}, to a file.
 *
 * <p>When the file is full or old it is renamed, {@code spans.jsonl} to {@code spans.jsonl.1} and
 * so on, and a new one begins; the oldest goes. A batch is with the operating system when {@link
 * #export} returns, and on the disk after {@link #flush}. If the disk is full or the folder gone,
 * export fails and what was written of the batch is taken back as far as possible, but not from a
 * file that it has filled; the next one makes folder and file anew. After that, or when the program
 * was killed, a span may be there twice, or a line be torn: the next one begins a new line in any
 * case, and {@link dev.agentops.tracing.replay.TraceFile} reads over both.
 *
 * <p>New files are readable for their owner only, where the file system can: they hold what users
 * said.
 *
 * <p>One exporter to a file. Thread-safe.
 */
public final class JsonLinesSpanExporter implements SpanExporter {

  private static final int CHUNK_BYTES = 1 << 20;

  private final RotatingFile file; // guarded by this
  private boolean closed; // guarded by this

  private JsonLinesSpanExporter(Builder from) {
    file =
        new RotatingFile(
            from.file, from.maximumBytes, from.maximumFiles, from.maximumAge, from.clock);
  }

  /** An exporter with the defaults of {@link Builder}. */
  public static JsonLinesSpanExporter to(Path file) {
    return builder(file).build();
  }

  /** Starts with the file, which is made with the first span, as are the folders above it. */
  public static Builder builder(Path file) {
    return new Builder(Objects.requireNonNull(file, "file"));
  }

  /**
   * Appends the spans.
   *
   * @throws IOException if the file cannot be written now
   * @throws IllegalStateException if this exporter is closed
   */
  @Override
  public synchronized void export(List<Span> spans) throws IOException {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    file.mark();
    try {
      append(spans);
    } catch (IOException | RuntimeException e) {
      file.takeBack(e); // it is exported again as a whole
      throw e;
    }
  }

  private void append(List<Span> spans) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    for (Span span : spans) {
      byte[] line = (SpanJson.write(span) + '\n').getBytes(StandardCharsets.UTF_8);
      long all = (long) chunk.size() + line.length;
      if (chunk.size() > 0 && (all > CHUNK_BYTES || all > file.room())) {
        append(chunk);
      }
      chunk.write(line, 0, line.length);
    }
    if (chunk.size() > 0) {
      append(chunk);
    }
  }

  private void append(ByteArrayOutputStream chunk) throws IOException {
    file.append(ByteBuffer.wrap(chunk.toByteArray()));
    chunk.reset();
  }

  /** Waits until all that was exported is on the disk. */
  @Override
  public synchronized void flush() throws IOException {
    file.force();
  }

  /** Closes the file. What was exported is there, and closing again does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    try {
      file.close();
    } catch (IOException e) {
      // all has been handed to the operating system before
    }
  }

  /** Configures a {@link JsonLinesSpanExporter}. Not thread-safe. */
  public static final class Builder {

    /** {@value} bytes: 64 MiB. */
    public static final long DEFAULT_MAXIMUM_BYTES = 64L << 20;

    /** {@value} files. */
    public static final int DEFAULT_MAXIMUM_FILES = 10;

    private final Path file;
    private long maximumBytes = DEFAULT_MAXIMUM_BYTES;
    private int maximumFiles = DEFAULT_MAXIMUM_FILES;
    private @Nullable Duration maximumAge;
    private Clock clock = Clock.system();

    private Builder(Path file) {
      this.file = file;
    }

    /**
     * How large a file may become; {@value #DEFAULT_MAXIMUM_BYTES} bytes unless said. A span that
     * is alone larger has a file of its own.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumBytes(long maximumBytes) {
      if (maximumBytes <= 0) {
        throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
      }
      this.maximumBytes = maximumBytes;
      return this;
    }

    /**
     * How many files there may be, the current one included; {@value #DEFAULT_MAXIMUM_FILES} unless
     * said.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumFiles(int maximumFiles) {
      if (maximumFiles <= 0) {
        throw new IllegalArgumentException("maximumFiles must be positive: " + maximumFiles);
      }
      this.maximumFiles = maximumFiles;
      return this;
    }

    /**
     * How old a file may become before the next span begins a new one; any age unless said.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumAge(Duration maximumAge) {
      if (maximumAge.isZero() || maximumAge.isNegative()) {
        throw new IllegalArgumentException("maximumAge must be positive: " + maximumAge);
      }
      this.maximumAge = maximumAge;
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public JsonLinesSpanExporter build() {
      return new JsonLinesSpanExporter(this);
    }
  }
}
