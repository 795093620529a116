package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Traces in a file of JSON Lines, one {@linkplain SpanJson span or score} a line, as tests keep
 * them beside their code and {@link dev.agentops.tracing.export.JsonLinesSpanExporter} writes them.
 *
 * <p>A line that was torn when a program was killed, hence is no whole JSON, is passed over, as are
 * all but the first of the spans with the same ids, as an exporter leaves them that tried again.
 */
public final class TraceFile {

  private static final String SCORE = "score";

  private TraceFile() {}

  /**
   * Writes one trace, in place of what the file holds. Directories above it are made. Who may read
   * the file is up to the system's defaults, as with other files of a test.
   *
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void write(Path file, Trace trace) {
    List<String> lines = new ArrayList<>();
    trace.spans().forEach(span -> lines.add(SpanJson.write(span)));
    trace.scores().forEach(score -> lines.add(SpanJson.write(score)));
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write trace " + trace.traceId() + " to " + file, e);
    }
  }

  /**
   * The only trace of a file.
   *
   * @throws IllegalArgumentException if there is none, or more than one, or a whole line is neither
   *     a span nor a score
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Trace read(Path file) {
    Content content = content(file);
    List<String> ids = content.spans.stream().map(Span::traceId).distinct().toList();
    if (ids.size() != 1) {
      throw new IllegalArgumentException(
          file
              + " does not hold one trace, but "
              + (ids.isEmpty() ? "none" : ids)
              + content.tornLines());
    }
    return content.trace(ids.get(0));
  }

  /**
   * One of the traces of a file.
   *
   * @throws IllegalArgumentException if it is not there, or a whole line is neither a span nor a
   *     score
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Trace read(Path file, String traceId) {
    Content content = content(file);
    if (content.spans.stream().noneMatch(span -> span.traceId().equals(traceId))) {
      throw new IllegalArgumentException(
          "no trace '" + traceId + "' in " + file + content.tornLines());
    }
    return content.trace(traceId);
  }

  private static Content content(Path file) {
    List<String> lines;
    try {
      // replaces what is no UTF-8, since a line may be torn in the midst of a character
      lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read traces from " + file, e);
    }
    Content content = new Content();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        try {
          content.add(lines.get(i));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    return content;
  }

  /** What is in a file. */
  private static final class Content {

    private final List<Span> spans = new ArrayList<>();
    private final Set<List<String>> ids = new HashSet<>();
    private final List<Score> scores = new ArrayList<>();
    private int torn;

    void add(String line) {
      JsonNode read = Json.valueOf(line);
      if (read.isTextual()) {
        torn++;
      } else if (SCORE.equals(read.path("type").asText())) {
        scores.add(SpanJson.readScore(line));
      } else {
        Span span = SpanJson.read(line);
        if (ids.add(List.of(span.traceId(), span.spanId()))) {
          spans.add(span);
        }
      }
    }

    String tornLines() {
      return torn == 0 ? "" : "; " + torn + " of its lines are torn";
    }

    Trace trace(String traceId) {
      return Trace.of(
          spans.stream().filter(span -> span.traceId().equals(traceId)).toList(),
          scores.stream().filter(score -> score.traceId().equals(traceId)).toList());
    }
  }
}
