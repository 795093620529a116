package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.agentops.event.CacheEvent;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CachingToolInterceptorTest {

  private final TestClock clock = TestClock.create();
  private final List<CacheEvent> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void namedTool_runsOnce_andEveryExecutionIsAnEvent() {
    Tools tools = tools(b -> b);
    assertThat(tools.run("weather", "{\"city\":\"Rome\"}")).isEqualTo("1");
    assertThat(tools.run("weather", "{\"city\":\"Rome\"}")).isEqualTo("1");
    assertThat(tools.run("weather", "{\"city\":\"Oslo\"}")).isEqualTo("2");
    assertThat(events)
        .extracting(CacheEvent::type)
        .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.HIT, CacheEvent.Type.MISS);
    assertThat(events).extracting(CacheEvent::cache).containsOnly("tools");
    assertThat(tools.cached).containsExactly(false, true, false);
  }

  @Test
  void toolThatIsNotNamed_runsEachTime_withoutAnEvent() {
    Tools tools = tools(b -> b);
    tools.run("pay", "{}");
    tools.run("pay", "{}");
    assertThat(runs).hasValue(2);
    assertThat(events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '!',
      delimiter = '|',
      value = {
        "{\"a\":1,\"b\":[true,null]} | { \"b\" : [ true , null ] , \"a\" : 1.0 }",
        "{\"a\":1e1} | {\"a\":10}",
        "{\"a\":0.10} | {\"a\":1e-1}",
        "{\"a\":\"\\u0041\"} | {\"a\":\"A\"}",
        "{} | !!",
        "{\"a\":{\"x\":1,\"y\":2}} | {\"a\":{\"y\":2,\"x\":1}}",
        "not json | not json",
      })
  void argumentsThatMeanTheSame_oneRun(String one, String other) {
    Tools tools = tools(b -> b);
    tools.run("weather", one);
    tools.run("weather", other);
    assertThat(runs).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '!',
      delimiter = '|',
      value = {
        "{\"a\":1} | {\"a\":\"1\"}",
        "{\"a\":null} | {}",
        "{\"a\":[1,2]} | {\"a\":[2,1]}",
        "{\"a\":\"x\"} | {\"a\":\"X\"}",
        "{\"a\":1,\"a\":2} | {\"a\":2}",
        "{\"a\":0.1} | {\"a\":0.10000000000000001}",
        "{\"a\":1e400} | {\"a\":1e401}",
        "not json | \"not json\"",
        "{\"1\":\"x\"} | x",
      })
  void argumentsThatDiffer_twoRuns(String one, String other) {
    Tools tools = tools(b -> b);
    tools.run("weather", one);
    tools.run("weather", other);
    assertThat(runs).hasValue(2);
  }

  @Test
  void hostileArguments_runAndNeverThrow() {
    Tools tools = tools(b -> b);
    for (String arguments :
        List.of(
            "[".repeat(100_000),
            "[".repeat(300) + "]".repeat(300),
            "{\"a\":" + "9".repeat(5_000) + "}",
            "{\"a\":1e999999999}",
            "\uD83D",
            "x".repeat(1_000_000))) {
      int before = runs.get();
      tools.run("weather", arguments);
      assertThat(runs).hasValue(before + 1);
    }
  }

  @Test
  void sameNameAndArgumentsInOtherPlaces_neverMix() {
    Tools tools = tools(b -> b.tool("a", Duration.ofMinutes(1)).tool("b", Duration.ofMinutes(1)));
    tools.run("a", "{}");
    tools.run("b", "{}");
    assertThat(runs).hasValue(2);
  }

  @Test
  void usersAndTenants_areApart() {
    Tools tools = tools(b -> b);
    assertThat(tools.run("weather", "{}", Attributes.of("user.id", "alice"))).isEqualTo("1");
    assertThat(tools.run("weather", "{}", Attributes.of("user.id", "bob"))).isEqualTo("2");
    assertThat(tools.run("weather", "{}", Attributes.of("user.id", "bob", "tenant", "acme")))
        .isEqualTo("3");
    assertThat(tools.run("weather", "{}", Attributes.of("user.id", "alice"))).isEqualTo("1");
  }

  @Test
  void shared_usersShare_tenantsDoNot() {
    Tools tools = tools(ToolResultCache.Builder::shared);
    tools.run("weather", "{}", Attributes.of("user.id", "alice", "tenant", "acme"));
    tools.run("weather", "{}", Attributes.of("user.id", "bob", "tenant", "acme"));
    tools.run("weather", "{}", Attributes.of("tenant", "acme"));
    assertThat(runs).hasValue(1);
    tools.run("weather", "{}", Attributes.of("tenant", "zeta"));
    assertThat(runs).hasValue(2);
  }

  @Test
  void noUser_bypass() {
    Tools tools = tools(b -> b);
    tools.run("weather", "{}", Attributes.empty());
    tools.run("weather", "{}", Attributes.of("user.id", " "));
    assertThat(runs).hasValue(2);
    assertThat(events).extracting(CacheEvent::type).containsOnly(CacheEvent.Type.BYPASS);
  }

  @Test
  void timeOver_runsAgain_eachToolByItsOwn() {
    Tools tools =
        tools(b -> b.toolsMatching(name -> name.startsWith("get_"), Duration.ofMinutes(10)));
    tools.run("weather", "{}");
    tools.run("get_orders", "{}");
    clock.advance(Duration.ofMinutes(2));
    tools.run("weather", "{}");
    tools.run("get_orders", "{}");
    assertThat(runs).hasValue(3);
  }

  @Test
  void errorsAndWhatIsNoText_areNotKept() {
    List<ToolExecutionResult> results =
        List.of(
            ToolExecutionResult.builder().isError(true).resultText("no such city").build(),
            ToolExecutionResult.builder()
                .resultContents(
                    List.of(ImageContent.from(Image.builder().base64Data("aa").build())))
                .build(),
            ToolExecutionResult.builder().resultText("x").attributes(Map.of("k", "v")).build());
    for (ToolExecutionResult result : results) {
      Tools tools = tools(b -> b);
      tools.returns = result;
      int before = runs.get();
      tools.run("weather", "{}");
      tools.run("weather", "{}");
      assertThat(runs).as("%s", result).hasValue(before + 2);
    }
  }

  @Test
  void toolThatThrows_isNotKept_andTheNextOneRuns() {
    Tools tools = tools(b -> b);
    tools.fails = new IllegalStateException("down");
    assertThatThrownBy(() -> tools.run("weather", "{}")).hasMessage("down");
    tools.fails = null;
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
  }

  @Test
  void invalidateOfOneTool_leavesTheOthers() {
    Tools tools = tools(b -> b.tool("orders", Duration.ofMinutes(1)));
    tools.run("weather", "{}");
    tools.run("orders", "{}");
    tools.cache.invalidate("weather");
    tools.run("weather", "{}");
    assertThat(runs).hasValue(3);
    tools.cache.invalidateAll();
    tools.run("orders", "{}");
    assertThat(runs).hasValue(4);
  }

  @Test
  void equalExecutionsAtOnce_oneRuns() throws Exception {
    Tools tools = tools(b -> b);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    tools.inside =
        () -> {
          started.countDown();
          awaitLatch(go);
        };
    List<Future<String>> answers = new ArrayList<>();
    answers.add(threads.submit(() -> tools.run("weather", "{}")));
    awaitLatch(started);
    for (int i = 0; i < 20; i++) {
      answers.add(threads.submit(() -> tools.run("weather", "{}")));
    }
    await().until(() -> tools.entered.get() == 21);
    go.countDown();
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("1");
    }
    assertThat(runs).hasValue(1);
  }

  @Test
  void firstOneFails_theOthersRunThemselves() throws Exception {
    Tools tools = tools(b -> b);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    tools.inside =
        () -> {
          if (started.getCount() > 0) {
            started.countDown();
            awaitLatch(go);
            throw new IllegalStateException("down");
          }
        };
    Future<String> first = threads.submit(() -> tools.run("weather", "{}"));
    awaitLatch(started);
    Future<String> second = threads.submit(() -> tools.run("weather", "{}"));
    await().until(() -> tools.entered.get() == 2);
    go.countDown();
    assertThatThrownBy(first::get).hasRootCauseMessage("down");
    assertThat(second.get()).isEqualTo("2");
  }

  @Test
  void toolThatExecutesItself_doesNotWaitForItself() throws Exception {
    Tools tools = tools(b -> b);
    AtomicReference<String> inner = new AtomicReference<>();
    tools.inside =
        () -> {
          if (runs.get() == 1) {
            inner.set(tools.run("weather", "{}"));
          }
        };
    CompletableFuture<String> outer =
        CompletableFuture.supplyAsync(() -> tools.run("weather", "{}"), threads);
    assertThat(outer.get()).isEqualTo("1");
    assertThat(inner).hasValue("2");
  }

  @Test
  void invalidatedWhileItRuns_isNotKept_andNobodyJoins() throws Exception {
    Tools tools = tools(b -> b);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    tools.inside =
        () -> {
          if (started.getCount() > 0) {
            started.countDown();
            awaitLatch(go);
          }
        };
    Future<String> old = threads.submit(() -> tools.run("weather", "{}"));
    awaitLatch(started);
    tools.cache.invalidate("weather");
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
    go.countDown();
    assertThat(old.get()).isEqualTo("1");
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
  }

  @Test
  void resultOfAnotherProcess_isFoundInTheStore() {
    InMemoryCacheStore store = new InMemoryCacheStore("store", clock);
    Tools here = tools(b -> b.remote(store));
    Tools there = tools(b -> b.remote(store));
    assertThat(here.run("weather", "{}")).isEqualTo("1");
    assertThat(there.run("weather", "{}")).isEqualTo("1");
  }

  @Test
  void builder_refusesWhatMakesNoSense() {
    ToolResultCache.Builder builder = ToolResultCache.builder();
    assertThatThrownBy(builder::build).hasMessageContaining("'tools' names no tool");
    assertThatThrownBy(() -> builder.tool(" ", Duration.ofMinutes(1))).hasMessageContaining("' '");
    assertThatThrownBy(() -> builder.tool("a", Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder.maximumSize(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder.name("")).hasMessageContaining("''");
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Tools tools(UnaryOperator<ToolResultCache.Builder> more) {
    return new Tools(
        more.apply(ToolResultCache.builder().clock(clock).tool("weather", Duration.ofMinutes(1)))
            .build());
  }

  /** A tool that answers with the number of its run, behind a cache. */
  private final class Tools {

    private final ToolResultCache cache;
    private final List<Boolean> cached = new CopyOnWriteArrayList<>();
    private final AtomicInteger entered = new AtomicInteger();
    private final AgentOps ops;
    private final ToolExecutor tool;
    private volatile Runnable inside = () -> {};
    private volatile RuntimeException fails;
    private volatile ToolExecutionResult returns;

    Tools(ToolResultCache cache) {
      this.cache = cache;
      ops =
          AgentOps.with(new Watcher(), CachingToolInterceptor.of(cache))
              .listener(
                  event -> {
                    if (event instanceof CacheEvent told) {
                      events.add(told);
                    }
                  })
              .clock(clock)
              .build();
      tool = ops.wrap(new Counting());
    }

    String run(String name, String arguments) {
      return run(name, arguments, Attributes.of("user.id", "alice"));
    }

    String run(String name, String arguments, Attributes attributes) {
      try (Scope ignored = ops.scope(attributes)) {
        return ToolCall.text(
            tool.executeWithContext(
                ToolExecutionRequest.builder().name(name).arguments(arguments).build(),
                InvocationContext.builder().build()));
      }
    }

    private final class Counting implements ToolExecutor {

      @Override
      public String execute(ToolExecutionRequest request, Object memoryId) {
        return executeWithContext(request, null).resultText();
      }

      @Override
      public ToolExecutionResult executeWithContext(
          ToolExecutionRequest request, InvocationContext context) {
        int run = runs.incrementAndGet();
        inside.run();
        if (fails != null) {
          throw fails;
        }
        return returns != null
            ? returns
            : ToolExecutionResult.builder().result(run).resultText("" + run).build();
      }
    }

    private final class Watcher implements ChatInterceptor, ToolInterceptor {

      @Override
      public ToolExecutionResult before(ToolCall call) {
        entered.incrementAndGet();
        return null;
      }

      @Override
      public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
        cached.add(call.cached());
      }
    }
  }
}
