package dev.agentops.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arrows between the modules: examples -> console -> {cache, tracing, cost, alerts} -> core.
 */
class ModuleWallsTest {

  private static final String ROOT = "dev.agentops";

  /**
   * The interceptors, what reads and writes LangChain4j's messages for them, what listens to its AI
   * services, agents and MCP clients, and what embeds texts.
   */
  private static final String SPEAKS_LANG_CHAIN_4J =
      ".*(Interceptor|\\.ChatMessageJson|\\.ChatContent|\\.ChatAttributes|\\.AgentContent|\\.RetrievalJson"
          + "|\\.ToolDefinitionJson|\\.ToolContent|\\.AnnouncedTool|\\.RecordedMessages|\\.AiServiceSpans|Registrar"
          + "|\\.replay\\.Replay\\w*|\\.tracing\\.http\\..*|\\.agentic\\..*|\\.mcp\\..*"
          + "|\\.ResponseCache|\\.RequestKey|\\.RequestHash|\\.MessageChain|\\.Answer(Codec|Policy)|\\.ChatResponseCodec"
          + "|\\.ChunkSizes|\\.Kept(Answer|Response)|\\.ToolResultCache|\\.CachedEmbeddingModel"
          + "|\\.Embedding(Cache|Keys|Lookup)|\\.Semantic(Cache|Calibration|Encoder|Question))(\\$.*)?";

  private static final List<String> SIBLINGS = List.of("tracing", "cost", "cache", "alerts");

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar")) // core's test kits
          .importPackages(ROOT);

  @Test
  void allModules_areSeen() {
    assertThat(ALL.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()))
        .contains(
            ROOT,
            ROOT + ".event",
            ROOT + ".ratelimit",
            ROOT + ".tracing",
            ROOT + ".cost",
            ROOT + ".cache",
            ROOT + ".alerts",
            ROOT + ".console",
            ROOT + ".examples.server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracing", "cost", "cache", "alerts"})
  void sibling_importsNoSiblingNorConsoleNorExamples(String module) {
    String[] others =
        Stream.concat(SIBLINGS.stream(), Stream.of("console", "examples"))
            .filter(other -> !other.equals(module))
            .map(other -> ROOT + "." + other + "..")
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(ALL);
  }

  @Test
  void core_importsNothingAboveIt() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT, ROOT + ".event..", ROOT + ".ratelimit..", ROOT + ".micrometer..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".tracing..",
            ROOT + ".cost..",
            ROOT + ".cache..",
            ROOT + ".alerts..",
            ROOT + ".console..",
            ROOT + ".examples..")
        .check(ALL);
  }

  @Test
  void console_importsNoExamples() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".console..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".examples..")
        .check(ALL);
  }

  @Test
  void engines_knowNoLangChain4j_exceptWhatDecoratesIt() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".tracing..",
            ROOT + ".cost..",
            ROOT + ".cache..",
            ROOT + ".alerts..",
            ROOT + ".console..",
            ROOT + ".ratelimit..",
            ROOT + ".event..")
        .and()
        .haveNameNotMatching(SPEAKS_LANG_CHAIN_4J)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(ALL);
  }
}
