package dev.agentops;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * The walls inside core. Those between the modules are held by the examples' test, which sees them
 * all.
 */
class ArchitectureTest {

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.agentops");

  @Test
  void events_andMeters_knowNoLangChain4j() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.agentops.event", "dev.agentops.micrometer")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CORE);
  }

  @Test
  void usageBodies_knowNoLangChain4j() {
    noClasses()
        .that()
        .resideInAPackage("dev.agentops.usage")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CORE);
  }

  @Test
  void limiters_knowNoLangChain4j_onlyTheirInterceptorsDo() {
    noClasses()
        .that()
        .resideInAPackage("dev.agentops.ratelimit..")
        .and()
        .haveSimpleNameNotEndingWith("Interceptor")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CORE);
  }

  @Test
  void whatProvidersTell_knowsNoLangChain4j_onlyTheClientDoes() {
    noClasses()
        .that()
        .haveNameMatching("dev.agentops.http.(Provider|Limit|Header).*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CORE);
  }

  @Test
  void guard_knowsNoLangChain4j_onlyItsInterceptorDoes() {
    noClasses()
        .that()
        .resideInAPackage("dev.agentops.guard")
        .and()
        .haveNameNotMatching(".*\\.(GuardInterceptor|AnswerStep)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CORE);
  }

  @Test
  void root_dependsOnNoRoomOfTheHouseButTheEvents() {
    noClasses()
        .that()
        .resideInAPackage("dev.agentops")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.agentops.guard..",
            "dev.agentops.http..",
            "dev.agentops.ratelimit..",
            "dev.agentops.resilience..",
            "dev.agentops.micrometer..")
        .check(CORE);
  }

  @Test
  void optionalJars_areSeenByTheirOwnClassesOnly() {
    String readers =
        "dev.agentops.(TokenUsageReader|RequestReader)\\$.*"; // one nested class a provider
    noClasses()
        .that()
        .haveNameNotMatching(readers)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.langchain4j.model.openai..",
            "dev.langchain4j.model.anthropic..",
            "dev.langchain4j.model.googleai..")
        .check(CORE);
    noClasses()
        .that()
        .doNotHaveSimpleName("JTokkitTokenCounter")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.knuddels..")
        .check(CORE);
    noClasses()
        .that()
        .haveNameNotMatching("dev.agentops.resilience.Circuit(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.resilience4j..")
        .check(CORE);
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.agentops.redis", "dev.agentops.ratelimit.redis")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.lettuce..")
        .check(CORE);
    noClasses()
        .that()
        .doNotHaveSimpleName("AgentHttpClient")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j.http.client..")
        .check(CORE);
    noClasses()
        .that()
        .doNotHaveSimpleName("ContextAccessor")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.micrometer.context..")
        .check(CORE);
  }

  @Test
  void publicClasses_areFinalOrMeantToBeExtended() {
    classes()
        .that()
        .arePublic()
        .and()
        .areNotInterfaces()
        .and()
        .areNotEnums()
        .and()
        .areNotAssignableTo(RuntimeException.class)
        .and()
        .doNotBelongToAnyOf(Call.class, ProviderCall.class) // sealed
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(CORE);
  }
}
