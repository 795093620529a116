package dev.agentops.tracing.agentic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.SpanTree;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random systems, called by several threads at once: every call is a tree of its own. */
class AgenticTracingRandomisedTest {

  private static final int SYSTEMS = 10;
  private static final int CALLS = 20;
  private static final int CALLERS = 4;

  private final Tracer tracer = Tracer.builder().maximumSpans(1_000_000).build();
  private final AgenticTracing tracing = AgenticTracing.of(tracer);
  private final Map<String, String> expected = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomSystems_everyCallIsItsOwnTree(long seed) throws Exception {
    Random random = new Random(seed);
    ChatModel model =
        AgentOps.with(TracingInterceptor.of(tracer))
            .build()
            .wrap(FakeChatModel.answering(request -> FakeChatModel.response("ok")));
    List<Callable<Object>> calls = new ArrayList<>();
    for (int s = 0; s < SYSTEMS; s++) {
      List<String> nodes = new ArrayList<>();
      UntypedAgent system = tracing.wrap((UntypedAgent) workflow("s" + s, 3, model, random, nodes));
      boolean fails = nodes.stream().anyMatch(node -> node.endsWith("invoke_agent broken"));
      expected.put("invoke_workflow s" + s, fails ? "fails" : sorted(nodes));
      for (int c = 0; c < CALLS; c++) {
        calls.add(() -> outcome(system));
      }
    }
    java.util.Collections.shuffle(calls, random);

    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      for (Future<Object> call : callers.invokeAll(calls)) {
        assertThat(call.get()).isSameAs(Context.root());
      }
    } finally {
      callers.shutdown();
      assertThat(callers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    Awaitility.await().until(() -> tracer.openSpans().isEmpty());
    Map<String, List<Span>> traces =
        tracer.spans().stream().collect(Collectors.groupingBy(Span::traceId));
    assertThat(traces).hasSize(SYSTEMS * CALLS);
    traces.values().forEach(this::assertIsOneCall);
    tracer.close();
  }

  private void assertIsOneCall(List<Span> spans) {
    String tree = SpanTree.of(spans); // fails on orphans
    String root = tree.lines().findFirst().orElseThrow();
    assertThat(tree.lines().filter(line -> !line.startsWith(" "))).containsExactly(root);
    String shape = expected.get(root);
    if ("fails".equals(shape)) {
      assertThat(spans).anyMatch(span -> span.status() == SpanStatus.ERROR);
    } else {
      assertThat(sorted(tree.lines().toList())).isEqualTo(shape);
      assertThat(spans).allMatch(span -> span.status() == SpanStatus.OK);
    }
  }

  private static Object outcome(UntypedAgent system) {
    try {
      system.invoke(Map.of("topic", "cats"));
    } catch (RuntimeException e) {
      assertThat(e).hasStackTraceContaining("broken on purpose");
    }
    return Context.current();
  }

  /** A workflow of up to this depth, which notes the tree that a call of it must be. */
  private Object workflow(
      String name, int depth, ChatModel model, Random random, List<String> nodes) {
    String indent = "  ".repeat(3 - depth);
    nodes.add(indent + "invoke_workflow " + name);
    List<Object> agents = new ArrayList<>();
    boolean loop = random.nextInt(4) == 0;
    int rounds = loop ? 2 : 1;
    int children = 1 + random.nextInt(3);
    List<String> below = new ArrayList<>();
    for (int i = 0; i < children; i++) {
      int kind = random.nextInt(depth > 1 ? 24 : 14);
      if (kind == 0) {
        agents.add(new Broken());
        below.add(indent + "  invoke_agent broken");
      } else if (kind < 14) {
        // the same interface, and the same name, several times at once
        agents.add(AgenticServices.agentBuilder(Writer.class).chatModel(model).build());
        below.add(indent + "  invoke_agent write");
        below.add(indent + "    chat fake-model");
      } else {
        agents.add(workflow("w", depth - 1, model, random, below));
      }
    }
    for (int round = 0; round < rounds; round++) {
      nodes.addAll(below);
    }
    if (loop) {
      return AgenticServices.loopBuilder()
          .name(name)
          .subAgents(agents)
          .maxIterations(rounds)
          .build();
    }
    return random.nextBoolean()
        ? AgenticServices.parallelBuilder().name(name).subAgents(agents).build()
        : AgenticServices.sequenceBuilder().name(name).subAgents(agents).build();
  }

  private static String sorted(List<String> lines) {
    return lines.stream().sorted().collect(Collectors.joining("\n"));
  }

  /** Writes. */
  public interface Writer {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    String write(@V("topic") String topic);
  }

  /** Always throws. */
  public static final class Broken {
    @Agent(outputKey = "never")
    public String broken() {
      throw new IllegalStateException("broken on purpose");
    }
  }
}
