package dev.agentops.tracing.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.export.JsonLinesSpanExporter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("traces.jsonl");
  }

  @Test
  void read_written_isEqual() {
    Trace written = Trace.of(List.of(span("a"), span("b")), List.of(Score.of("t", "n", 1)));
    TraceFile.write(file, written);

    Trace read = TraceFile.read(file);
    assertThat(read.spans()).extracting(Span::spanId).containsExactly("a", "b");
    assertThat(read.spans().get(0).input()).isEqualTo("sm\u00f8rrebr\u00f8d \u2028 \ud83d\ude00");
    assertThat(read.scores()).isEqualTo(written.scores());
  }

  @Test
  void read_fileThatAnExporterWroteWhileItWasKilled_readsOverTornLines() throws IOException {
    String line = SpanJson.write(span("a"));
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    int within = line.substring(0, line.indexOf('\u00f8')).getBytes(StandardCharsets.UTF_8).length;
    for (int torn : new int[] {1, 40, within + 1, bytes.length - 1}) { // one in the midst of an o
      Files.write(
          file, Arrays.copyOf(bytes, torn), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
        exporter.export(List.of(span("after" + torn)));
      }
    }

    assertThat(TraceFile.read(file, "t").spans()).hasSize(4);
    assertThatThrownBy(() -> TraceFile.read(file, "other"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no trace 'other' in ")
        .hasMessageEndingWith("; 4 of its lines are torn");
  }

  @Test
  void read_onlyTornLines_saysSo() throws IOException {
    Files.writeString(file, SpanJson.write(span("a")).substring(0, 50));

    assertThatThrownBy(() -> TraceFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not hold one trace, but none; 1 of its lines are torn");
  }

  @Test
  void read_spansThatWereExportedTwice_areThereOnce() throws IOException {
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span("a"), span("b")));
      exporter.export(List.of(span("a"), span("b"), span("c")));
    }

    assertThat(TraceFile.read(file).spans())
        .extracting(Span::spanId)
        .containsExactly("a", "b", "c");
  }

  @Test
  void read_wholeLineOfAnotherKind_isNamed() throws IOException {
    Files.writeString(file, SpanJson.write(span("a")) + "\n{\"level\":\"INFO\"}\n");

    assertThatThrownBy(() -> TraceFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2");
  }

  private static Span span(String id) {
    return Span.builder()
        .traceId("t")
        .spanId(id)
        .agentName("agent")
        .action("act")
        .startTime(Instant.EPOCH)
        .input("sm\u00f8rrebr\u00f8d \u2028 \ud83d\ude00")
        .build();
  }
}
