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
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
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
  private final List<ToolCallEvent> toolEvents = new CopyOnWriteArrayList<>();
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
  void toolsOfOneName_thatTheModelWasToldApart_neverMix() {
    Tools tools = tools(b -> b.tool("search", Duration.ofMinutes(1)));
    ToolSpecification books = search("finds books", "q");
    assertThat(tools.runAsked(books)).isEqualTo("1");
    assertThat(tools.runAsked(search("finds people", "q"))).isEqualTo("2");
    assertThat(tools.runAsked(search("finds books", "isbn"))).isEqualTo("3");
    assertThat(tools.runAsked(search("finds books", "q"))).isEqualTo("1");
  }

  @Test
  void equalExecutionHangs_oneTakesOver_andTheOthersWaitForIt() throws Exception {
    Tools tools = tools(b -> b.maximumWait(Duration.ofMillis(200)));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    tools.inside =
        () -> {
          if (started.getCount() > 0) {
            started.countDown();
            awaitLatch(go);
          }
        };
    Future<String> hangs = threads.submit(() -> tools.run("weather", "{}"));
    awaitLatch(started);
    List<Future<String>> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(threads.submit(() -> tools.run("weather", "{}")));
    }
    for (Future<String> other : others) {
      assertThat(other.get()).isEqualTo("2");
    }
    go.countDown();
    assertThat(hangs.get()).isEqualTo("1");
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
  }

  @Test
  void noCache_runs_andItsResultTakesThePlaceOfTheKeptOne() {
    Tools tools = tools(b -> b);
    Attributes fresh = Attributes.of("user.id", "alice", ResponseCache.CONTROL, "no-cache");
    tools.run("weather", "{}");
    assertThat(tools.run("weather", "{}", fresh)).isEqualTo("2");
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
    assertThat(events)
        .extracting(CacheEvent::type)
        .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.REFRESH, CacheEvent.Type.HIT);
  }

  @Test
  void noCache_whileAnOlderOneRuns_doesNotWait_andIsNotOverwritten() throws Exception {
    Tools tools = tools(b -> b);
    Attributes fresh = Attributes.of("user.id", "alice", ResponseCache.CONTROL, "no-cache");
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    tools.inside =
        () -> {
          if (started.getCount() > 0) {
            started.countDown();
            awaitLatch(go);
          }
        };
    Future<String> older = threads.submit(() -> tools.run("weather", "{}"));
    awaitLatch(started);
    assertThat(tools.run("weather", "{}", fresh)).isEqualTo("2");
    go.countDown();
    assertThat(older.get()).isEqualTo("1");
    assertThat(tools.run("weather", "{}")).isEqualTo("2");
  }

  @Test
  void noStore_leavesTheCacheAlone() {
    Tools tools = tools(b -> b);
    Attributes none = Attributes.of("user.id", "alice", ResponseCache.CONTROL, "no-store");
    tools.run("weather", "{}");
    assertThat(tools.run("weather", "{}", none)).isEqualTo("2");
    assertThat(tools.run("weather", "{}")).isEqualTo("1");
  }

  @Test
  void invalidateUserAndTenant_forgetTheirs_andNoOthers() {
    Tools tools = tools(b -> b);
    Attributes alice = Attributes.of("user.id", "alice", "tenant", "acme");
    Attributes bob = Attributes.of("user.id", "bob", "tenant", "acme");
    Attributes carol = Attributes.of("user.id", "carol", "tenant", "zeta");
    List.of(alice, bob, carol).forEach(who -> tools.run("weather", "{}", who));
    tools.cache.invalidateUser("alice");
    assertThat(tools.run("weather", "{}", bob)).isEqualTo("2");
    assertThat(tools.run("weather", "{}", alice)).isEqualTo("4");
    tools.cache.invalidateTenant("acme");
    assertThat(tools.run("weather", "{}", carol)).isEqualTo("3");
    assertThat(tools.run("weather", "{}", bob)).isEqualTo("5");
  }

  @Test
  void sharedResult_isForgottenWithTheUserForWhomItWasMade() {
    Tools tools = tools(ToolResultCache.Builder::shared);
    tools.run("weather", "{}", Attributes.of("user.id", "alice"));
    tools.cache.invalidateUser("alice");
    assertThat(tools.run("weather", "{}", Attributes.of("user.id", "bob"))).isEqualTo("2");
  }

  @Test
  void eventOfAHit_saysThatTheToolDidNotRun() {
    Tools tools = tools(b -> b);
    tools.run("weather", "{}");
    tools.run("weather", "{}");
    assertThat(toolEvents).extracting(ToolCallEvent::cached).containsExactly(false, true);
  }

  @Test
  void nothing_isRefusedByName() {
    ToolResultCache.Builder builder = ToolResultCache.builder();
    Duration time = Duration.ofMinutes(1);
    assertThatThrownBy(() -> builder.name(null)).hasMessage("name");
    assertThatThrownBy(() -> builder.tool(null, time)).hasMessage("the name of a tool");
    assertThatThrownBy(() -> builder.tool("a", null)).hasMessage("timeToLive");
    assertThatThrownBy(() -> builder.toolsMatching(null, time)).hasMessage("names");
    assertThatThrownBy(() -> builder.maximumWait(null)).hasMessage("maximumWait");
    ToolResultCache cache = builder.tool("a", time).build();
    assertThatThrownBy(() -> cache.invalidate(null)).hasMessage("tool");
    assertThatThrownBy(() -> cache.invalidateUser(null)).hasMessage("userId");
    assertThatThrownBy(() -> cache.invalidateTenant(null)).hasMessage("tenant");
  }

  private static ToolSpecification search(String description, String parameter) {
    return ToolSpecification.builder()
        .name("search")
        .description(description)
        .parameters(JsonObjectSchema.builder().addStringProperty(parameter).build())
        .build();
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
                    } else if (event instanceof ToolCallEvent told) {
                      toolEvents.add(told);
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

    /** An execution that a model asked for, which was offered this tool. */
    String runAsked(ToolSpecification tool) {
      ToolExecutionRequest request =
          ToolExecutionRequest.builder().name(tool.name()).arguments("{}").build();
      ChatModel model = ops.wrap(FakeChatModel.answering(ask -> answer(request)));
      try (Scope ignored = ops.scope(Attributes.of("user.id", "alice"))) {
        ToolExecutionRequest asked =
            model
                .chat(
                    ChatRequest.builder()
                        .messages(UserMessage.from("find"))
                        .toolSpecifications(tool)
                        .build())
                .aiMessage()
                .toolExecutionRequests()
                .get(0);
        return ToolCall.text(
            this.tool.executeWithContext(asked, InvocationContext.builder().build()));
      }
    }

    private static ChatResponse answer(ToolExecutionRequest request) {
      return ChatResponse.builder().aiMessage(AiMessage.from(request)).build();
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
