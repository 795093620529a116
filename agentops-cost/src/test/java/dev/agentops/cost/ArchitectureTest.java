package dev.agentops.cost;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.agentops.cost");

  @Test
  void engine_langChain4j_isNotKnown() {
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("Interceptor")
        .should()
        .dependOnClassesThat(resideInAnyPackage("dev.langchain4j.."))
        .check(classes);
  }

  @Test
  void lettuce_isKnownToTheRedisBackEndOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.agentops.cost.redis")
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.lettuce..", "dev.agentops.cost.redis"))
        .check(classes);
  }

  @Test
  void module_siblings_areNotKnown() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "dev.agentops.tracing..",
                "dev.agentops.cache..",
                "dev.agentops.alerts..",
                "dev.agentops.console.."))
        .check(classes);
  }
}
