package dev.agentops.tracing.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentops.TestClock;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesSpanExporterTest {

  @TempDir Path folder;

  @Test
  void export_oneLineASpan_andTheFolderIsMade() throws IOException {
    Path file = folder.resolve("a/b/spans.jsonl");
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span("one"), span("two\nlines \u2028 \uD83D\uDE00")));
      exporter.export(List.of());
      assertThat(names(file)).containsExactly("one", "two\nlines \u2028 \uD83D\uDE00");

      exporter.export(List.of(span("three")));
      exporter.flush();
    }

    assertThat(names(file)).containsExactly("one", "two\nlines \u2028 \uD83D\uDE00", "three");
    assertThat(Files.readString(file)).endsWith("}\n");
  }

  @Test
  void export_afterARestart_appends() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    exportOnce(file, span("before"));
    exportOnce(file, span("after"));

    assertThat(names(file)).containsExactly("before", "after");
  }

  @Test
  void export_afterATornLine_beginsANewOne() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    exportOnce(file, span("whole"));
    Files.writeString(file, "{\"v\":1,\"type\":\"sp", StandardOpenOption.APPEND);

    exportOnce(file, span("after"));

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(SpanJson.read(lines.get(0)).name()).isEqualTo("whole");
    assertThat(SpanJson.read(lines.get(2)).name()).isEqualTo("after");
  }

  @Test
  void export_full_rotatesAndDropsTheOldest() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    long line = SpanJson.write(span("00")).length() + 1L;
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(2 * line).maximumFiles(3).build()) {
      for (int i = 0; i < 9; i++) {
        exporter.export(List.of(span("0" + i)));
      }
    }

    assertThat(names(file)).containsExactly("08");
    assertThat(names(folder.resolve("spans.jsonl.1"))).containsExactly("06", "07");
    assertThat(names(folder.resolve("spans.jsonl.2"))).containsExactly("04", "05");
    assertThat(files()).hasSize(3);
  }

  @Test
  void export_batchLargerThanAFile_isSplitAtLines() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    long line = SpanJson.write(span("00")).length() + 1L;
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(2 * line).build()) {
      exporter.export(List.of(span("00")));
      exporter.export(
          List.of(span("01"), span("02"), span("03"), span("x".repeat(500)), span("05")));
    }

    assertThat(names(folder.resolve("spans.jsonl.3"))).containsExactly("00", "01");
    assertThat(names(folder.resolve("spans.jsonl.2"))).containsExactly("02", "03");
    assertThat(names(folder.resolve("spans.jsonl.1"))).containsExactly("x".repeat(500));
    assertThat(names(file)).containsExactly("05");
  }

  @Test
  void export_onlyOneFileAllowed_beginsItAnew() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(1).maximumFiles(1).build()) {
      exporter.export(List.of(span("one")));
      exporter.export(List.of(span("two")));
    }

    assertThat(names(file)).containsExactly("two");
    assertThat(files()).hasSize(1);
  }

  @Test
  void export_old_rotates() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    TestClock clock = TestClock.create();
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumAge(Duration.ofDays(1)).clock(clock).build()) {
      exporter.export(List.of(span("one")));
      clock.advance(Duration.ofDays(1).minusNanos(1));
      exporter.export(List.of(span("two")));
      clock.advance(Duration.ofNanos(1));
      exporter.export(List.of(span("three")));
      exporter.export(List.of(span("four")));
    }

    assertThat(names(folder.resolve("spans.jsonl.1"))).containsExactly("one", "two");
    assertThat(names(file)).containsExactly("three", "four");
  }

  @Test
  void export_folderDeleted_makesItAnew() throws IOException {
    Path file = folder.resolve("logs/spans.jsonl");
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span("lost")));
      Files.delete(file);
      Files.delete(file.getParent());

      exporter.export(List.of(span("after")));
    }

    assertThat(names(file)).containsExactly("after");
  }

  @Test
  void export_movedByAnother_beginsANewFile() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Path moved = folder.resolve("archive.jsonl");
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span("one")));
      Files.move(file, moved);
      exporter.export(List.of(span("two")));
    }

    assertThat(names(moved)).containsExactly("one");
    assertThat(names(file)).containsExactly("two");
  }

  @Test
  void export_folderCannotBeMade_failsAndRecovers() throws IOException {
    Path logs = folder.resolve("logs");
    Files.writeString(logs, "in the way");
    Path file = logs.resolve("spans.jsonl");
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      assertThatThrownBy(() -> exporter.export(List.of(span("one"))))
          .isInstanceOf(IOException.class);
      exporter.flush();
      Files.delete(logs);

      exporter.export(List.of(span("one")));
    }

    assertThat(names(file)).containsExactly("one");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "/dev/full is a full disk")
  void export_diskFull_failsAndRecovers() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> exporter.export(List.of(span("one"))))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("No space left");
      }
      Files.delete(file);

      exporter.export(List.of(span("one")));
    }

    assertThat(names(file)).containsExactly("one");
  }

  @Test
  void export_rotationFails_losesNothing() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Path inTheWay = folder.resolve("spans.jsonl.1");
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(1).maximumFiles(2).build()) {
      exporter.export(List.of(span("one")));
      Files.createDirectories(inTheWay.resolve("not empty"));
      assertThatThrownBy(() -> exporter.export(List.of(span("two"))))
          .isInstanceOf(IOException.class);
      assertThat(names(file)).containsExactly("one");
      Files.delete(inTheWay.resolve("not empty"));

      exporter.export(List.of(span("two")));
    }

    assertThat(names(inTheWay)).containsExactly("one");
    assertThat(names(file)).containsExactly("two");
  }

  @Test
  void export_failsInTheMidstOfABatch_takesAllOfItBack() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Path inTheWay = folder.resolve("spans.jsonl.1");
    long line = SpanJson.write(span("00")).length() + 1L;
    List<Span> batch = List.of(span("01"), span("02"), span("03"));
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(2 * line).maximumFiles(2).build()) {
      exporter.export(List.of(span("00")));
      Files.createDirectories(inTheWay.resolve("not empty"));
      assertThatThrownBy(() -> exporter.export(batch)).isInstanceOf(IOException.class);
      assertThat(names(file)).containsExactly("00");
      Files.delete(inTheWay.resolve("not empty"));

      exporter.export(batch);
    }

    assertThat(names(inTheWay)).containsExactly("00", "01");
    assertThat(names(file)).containsExactly("02", "03");
  }

  @Test
  void export_batchOfSeveralChunksFails_takesTheFirstOnesBack() throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Span large = span("x".repeat(700_000));
    List<Span> broken = new ArrayList<>(List.of(large, large, large));
    broken.add(null);
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span("00")));
      assertThatThrownBy(() -> exporter.export(broken)).isInstanceOf(NullPointerException.class);
      assertThat(names(file)).containsExactly("00");

      exporter.export(List.of(span("01")));
    }

    assertThat(names(file)).containsExactly("00", "01");
  }

  @Test
  void export_newFiles_areForTheirOwnerOnly() throws IOException {
    assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));
    Path file = folder.resolve("spans.jsonl");
    try (JsonLinesSpanExporter exporter =
        JsonLinesSpanExporter.builder(file).maximumBytes(1).build()) {
      exporter.export(List.of(span("one"), span("two")));
    }

    for (Path each : files()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
          .isEqualTo("rw-------");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void export_randomBatchesAndRestarts_keepOrderAndBounds(long seed) throws IOException {
    Random random = new Random(seed);
    Path file = folder.resolve("spans.jsonl");
    long maximum = 5_000;
    List<String> sent = new ArrayList<>();
    JsonLinesSpanExporter exporter = bounded(file, maximum);
    for (int i = 0; i < 200; i++) {
      List<Span> batch = new ArrayList<>();
      for (int j = random.nextInt(8); j > 0; j--) {
        String name = sent.size() + "-" + "x".repeat(random.nextInt(300));
        sent.add(name);
        batch.add(span(name));
      }
      exporter.export(batch);
      if (random.nextInt(10) == 0) {
        exporter.close();
        exporter = bounded(file, maximum);
      }
    }
    exporter.close();

    List<String> kept = new ArrayList<>();
    for (int i = 3; i >= 0; i--) {
      Path path = i == 0 ? file : folder.resolve("spans.jsonl." + i);
      assertThat(Files.size(path)).isLessThanOrEqualTo(maximum);
      kept.addAll(names(path));
    }
    assertThat(files()).hasSize(4);
    assertThat(kept).isEqualTo(sent.subList(sent.size() - kept.size(), sent.size()));
  }

  @Test
  void export_fromManyThreads_writesWholeLines() throws Exception {
    Path file = folder.resolve("spans.jsonl");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        all.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    exporter.export(List.of(span(thread + "-" + i), span(thread + "+" + i)));
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(30, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }

    assertThat(names(file)).hasSize(800).doesNotHaveDuplicates();
  }

  @Test
  void export_afterClose_isRefusedForGood() throws IOException {
    JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(folder.resolve("spans.jsonl"));
    exporter.export(List.of(span("one")));
    exporter.close();
    exporter.close();

    assertThatThrownBy(() -> exporter.export(List.of(span("two"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void builder_invalidValues_areQuoted() {
    JsonLinesSpanExporter.Builder builder = JsonLinesSpanExporter.builder(folder);

    assertThatThrownBy(() -> JsonLinesSpanExporter.builder(null)).hasMessage("file");
    assertThatThrownBy(() -> builder.maximumBytes(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumBytes must be positive: 0");
    assertThatThrownBy(() -> builder.maximumFiles(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumFiles must be positive: -1");
    assertThatThrownBy(() -> builder.maximumAge(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumAge must be positive: PT-1S");
  }

  private static JsonLinesSpanExporter bounded(Path file, long maximumBytes) {
    return JsonLinesSpanExporter.builder(file).maximumBytes(maximumBytes).maximumFiles(4).build();
  }

  private static void exportOnce(Path file, Span span) throws IOException {
    try (JsonLinesSpanExporter exporter = JsonLinesSpanExporter.to(file)) {
      exporter.export(List.of(span));
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  private static List<String> names(Path file) throws IOException {
    return Files.readString(file).lines().map(SpanJson::read).map(Span::name).toList();
  }

  private static Span span(String name) {
    return Span.builder()
        .traceId("t")
        .spanId("s")
        .agentName("agent")
        .action("act")
        .name(name)
        .startTime(Instant.EPOCH)
        .build();
  }
}
