package dev.agentops.tracing.otel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.agentops.ContextMirror;
import dev.agentops.testing.WithoutJars;
import dev.agentops.tracing.LogContext;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.export.JsonLinesSpanExporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class OptionalOpenTelemetryTest {

  @Test
  void tracing_withoutOpenTelemetry_works() throws Exception {
    assertThat(WithoutJars.call(UsesTracing.class, "opentelemetry-")).isEqualTo("1 line, true");
  }

  @Test
  void bridge_withoutOpenTelemetry_namesTheArtifact() throws Exception {
    String message =
        "OpenTelemetryBridge needs io.opentelemetry:opentelemetry-api on the class path";

    assertThat(WithoutJars.call(UsesBridge.class, "opentelemetry-"))
        .isEqualTo(List.of(message, message, message));
  }

  @Test
  void openTelemetry_isSeenByItsOwnPackageOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.agentops.tracing.otel..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.opentelemetry..")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.agentops.tracing"));
  }

  /** Records a span with the MDC and a file. */
  public static final class UsesTracing implements Callable<String> {

    @Override
    public String call() throws Exception {
      Path file = Files.createTempFile("spans", ".jsonl");
      boolean seen;
      try (Tracer tracer = Tracer.builder().exporter(JsonLinesSpanExporter.to(file)).build();
          ContextMirror.Registration logging = LogContext.install(tracer)) {
        try (TraceContext span = tracer.startSpan("agent", "act")) {
          seen = span.spanId().equals(MDC.get(LogContext.SPAN_ID));
        }
        tracer.flush(Duration.ofSeconds(10));
      }
      int lines = Files.readAllLines(file).size();
      Files.delete(file);
      return lines + " line, " + seen;
    }
  }

  /** Tries what needs OpenTelemetry, one thing twice. */
  public static final class UsesBridge implements Callable<List<String>> {

    @Override
    public List<String> call() {
      try (Tracer tracer = Tracer.create()) {
        return List.of(
            messageOf(() -> OpenTelemetryBridge.install(tracer)),
            messageOf(() -> OpenTelemetryBridge.install(tracer)),
            messageOf(OpenTelemetryBridge::parentSource));
      }
    }

    private static String messageOf(Runnable action) {
      try {
        action.run();
        return "nothing was thrown";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }
}
