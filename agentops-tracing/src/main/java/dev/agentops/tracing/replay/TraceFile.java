package dev.agentops.tracing.replay;

import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Traces in a file of JSON Lines, one {@linkplain SpanJson span or score} a line, as tests keep
 * them beside their code.
 */
public final class TraceFile {

  private static final String SCORE = "score";

  private TraceFile() {}

  /**
   * Writes one trace, in place of what the file holds. Directories above it are made.
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
   * @throws IllegalArgumentException if there is none, or more than one, or a line is neither a
   *     span nor a score
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Trace read(Path file) {
    Content content = content(file);
    List<String> ids = content.spans.stream().map(Span::traceId).distinct().toList();
    if (ids.size() != 1) {
      throw new IllegalArgumentException(
          file + " does not hold one trace, but " + (ids.isEmpty() ? "none" : ids));
    }
    return content.trace(ids.get(0));
  }

  /**
   * One of the traces of a file.
   *
   * @throws IllegalArgumentException if it is not there, or a line is neither a span nor a score
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Trace read(Path file, String traceId) {
    Content content = content(file);
    if (content.spans.stream().noneMatch(span -> span.traceId().equals(traceId))) {
      throw new IllegalArgumentException("no trace '" + traceId + "' in " + file);
    }
    return content.trace(traceId);
  }

  private static Content content(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read traces from " + file, e);
    }
    Content content = new Content(new ArrayList<>(), new ArrayList<>());
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

  private record Content(List<Span> spans, List<Score> scores) {

    void add(String line) {
      if (SCORE.equals(Json.valueOf(line).path("type").asText())) {
        scores.add(SpanJson.readScore(line));
      } else {
        spans.add(SpanJson.read(line));
      }
    }

    Trace trace(String traceId) {
      return Trace.of(
          spans.stream().filter(span -> span.traceId().equals(traceId)).toList(),
          scores.stream().filter(score -> score.traceId().equals(traceId)).toList());
    }
  }
}
