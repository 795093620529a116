package dev.agentops.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertManager;
import dev.agentops.cache.CachingInterceptor;
import dev.agentops.cache.ResponseCache;
import dev.agentops.console.Console;
import dev.agentops.cost.Budget;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.WithoutJars;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.model.chat.ChatModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each module works with core alone: without its siblings and without every jar that only the
 * examples need.
 */
class ModulesAloneTest {

  private static final List<String> OPTIONAL =
      List.of(
          "langchain4j-open-ai",
          "langchain4j-embeddings",
          "micrometer-registry-prometheus",
          "javalin",
          "jtokkit",
          "jsonschema-generator",
          "hibernate-validator");

  private static final List<String> SIBLINGS =
      List.of("agentops-tracing", "agentops-cost", "agentops-cache", "agentops-alerts");

  static Stream<Arguments> modules() {
    return Stream.of(
        Arguments.of("agentops-tracing", TracesACall.class, "2 spans"),
        Arguments.of("agentops-cost", PricesACall.class, "$0.0006"),
        Arguments.of("agentops-cache", CachesACall.class, "1 call"),
        Arguments.of("agentops-alerts", RaisesAnAlert.class, "1 alert"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modules")
  void module_withoutSiblingsAndOptionalJars_works(
      String module, Class<? extends Callable<?>> task, String expected) throws Exception {
    List<String> leftOut = new ArrayList<>(OPTIONAL);
    SIBLINGS.stream().filter(sibling -> !sibling.equals(module)).forEach(leftOut::add);
    leftOut.add("agentops-console");

    assertThat(WithoutJars.call(task, leftOut.toArray(new String[0]))).isEqualTo(expected);
  }

  @Test
  void console_withoutOptionalJars_works() throws Exception {
    assertThat(WithoutJars.call(OpensTheConsole.class, OPTIONAL.toArray(new String[0])))
        .isEqualTo("200");
  }

  public static final class OpensTheConsole implements Callable<String> {

    @Override
    public String call() {
      try (Tracer tracer = Tracer.create();
          CostMonitor costs = CostMonitor.builder().build();
          AlertManager alerts = AlertManager.builder().build()) {
        Console console = Console.of(tracer, costs, alerts);
        return String.valueOf(console.handle("GET", "/api/overview", Map.of()).status());
      }
    }
  }

  public static final class TracesACall implements Callable<String> {

    @Override
    public String call() {
      try (Tracer tracer = Tracer.create()) {
        ChatModel model =
            AgentOps.with(TracingInterceptor.of(tracer)).build().wrap(FakeChatModel.saying("hi"));
        try (TraceContext turn = tracer.startTrace("assistant", "invoke_agent")) {
          turn.setOutput(model.chat("hello"));
        }
        return tracer.spans().size() + " spans";
      }
    }
  }

  public static final class PricesACall implements Callable<String> {

    @Override
    public String call() {
      try (CostMonitor costs =
          CostMonitor.builder().budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded()).build()) {
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(FakeChatModel.saying("hi"))
            .chat("hello");
        return costs.recordUsage("gpt-4", 10, 5).cost().orElseThrow().toString();
      }
    }
  }

  public static final class CachesACall implements Callable<String> {

    @Override
    public String call() {
      FakeChatModel model = FakeChatModel.saying("hi");
      try (ResponseCache cache =
          ResponseCache.builder().maximumSize(10).timeToLive(Duration.ofMinutes(1)).build()) {
        AgentOps ops = AgentOps.with(CachingInterceptor.of(cache)).build();
        try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
          ops.wrap(model).chat("hello");
          ops.wrap(model).chat("hello");
        }
      }
      return model.requests().size() + " call";
    }
  }

  public static final class RaisesAnAlert implements Callable<String> {

    @Override
    public String call() {
      List<Object> seen = new ArrayList<>();
      try (AlertManager alerts = AlertManager.builder().build()) {
        alerts.addHandler(seen::add);
        alerts.alert(AlertLevel.WARNING, "disk almost full", Map.of("disk", "/data"));
        alerts.flush(Duration.ofSeconds(10));
      }
      return seen.size() + " alert";
    }
  }
}
