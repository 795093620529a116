package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.model.chat.ChatModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ContextTest {

  private final AgentOps ops = AgentOps.with().build();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void noScopeIsLeftOpen() {
    pool.shutdownNow();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void scope_nested_addsAndOverridesAndRestores() {
    try (Scope outer = ops.scope(Attributes.of("team", "a", "user.id", "alice"))) {
      try (Scope inner = ops.scope(Attributes.of("user.id", "bob"))) {
        assertThat(user()).isEqualTo("bob");
        assertThat(Context.current().attributes().get("team")).isEqualTo("a");
      }
      assertThat(user()).isEqualTo("alice");
    }
    assertThat(user()).isNull();
  }

  @Test
  void listening_isToldOfTheCallsInIt_andSoIsTheOuterListener_whateverItThrows() {
    List<String> told = new ArrayList<>();
    ChatModel model = ops.wrap(FakeChatModel.saying("hi"));
    Context outer = Context.root().listening(event -> told.add("outer"));
    Context inner =
        outer.listening(
            event -> {
              told.add("inner");
              throw new IllegalStateException("broken listener");
            });
    try (Scope first = outer.makeCurrent()) {
      try (Scope second = inner.makeCurrent()) {
        model.chat("one");
      }
      model.chat("two");
    }
    model.chat("three");

    assertThat(told).containsExactly("inner", "outer", "outer");
    assertThat(ops.faults()).isEqualTo(1);
  }

  @Test
  void close_outerBeforeInner_endsBoth() {
    Scope outer = ops.scope(Attributes.of("user.id", "alice"));
    Scope forgotten = ops.scope(Attributes.of("user.id", "bob"));

    outer.close();

    assertThat(user()).isNull();
    forgotten.close();
    outer.close();
    assertThat(user()).isNull();
  }

  @Test
  void close_onAnotherThread_leavesThatThreadAlone() throws Exception {
    try (Scope mine = ops.scope(Attributes.of("user.id", "alice"))) {
      Object theirs =
          pool.submit(
                  () -> {
                    try (Scope scope = ops.scope(Attributes.of("user.id", "bob"))) {
                      mine.close();
                      return user();
                    }
                  })
              .get(10, TimeUnit.SECONDS);
      assertThat(theirs).isEqualTo("bob");
      assertThat(user()).isEqualTo("alice");
    }
  }

  @Test
  void wrap_runnableCallableExecutor_carryTheContext() throws Exception {
    Executor carrying = Scope.wrap((Executor) pool);
    CompletableFuture<Object> fromRunnable = new CompletableFuture<>();
    CompletableFuture<Object> fromExecutor;
    Callable<Object> callable;
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      pool.execute(
          Scope.wrap(
              () -> {
                fromRunnable.complete(user());
              }));
      callable = Scope.wrap((Callable<Object>) ContextTest::user);
      fromExecutor =
          CompletableFuture.supplyAsync(ContextTest::user, carrying)
              .thenApplyAsync(u -> u + "/" + user(), carrying);
    }

    assertThat(fromRunnable.get(10, TimeUnit.SECONDS)).isEqualTo("alice");
    assertThat(pool.submit(callable).get(10, TimeUnit.SECONDS)).isEqualTo("alice");
    assertThat(fromExecutor.get(10, TimeUnit.SECONDS)).asString().startsWith("alice/");
    assertThat(pool.submit(ContextTest::user).get(10, TimeUnit.SECONDS)).isNull();
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with Java 21")
  void wrap_virtualThreads_carryTheContext() throws Exception {
    // by reflection, since the tests are compiled for Java 17
    ExecutorService virtual =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      Callable<Object> task = Scope.wrap((Callable<Object>) ContextTest::user);
      assertThat(virtual.submit(task).get(10, TimeUnit.SECONDS)).isEqualTo("alice");
    } finally {
      virtual.shutdownNow();
    }
  }

  @Test
  void contextPropagation_reactor_carriesTheContextAndRestoresTheThread() {
    Hooks.enableAutomaticContextPropagation();
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      String seen =
          Mono.fromCallable(() -> "a:" + user())
              .subscribeOn(Schedulers.boundedElastic())
              .flatMap(
                  first ->
                      Mono.fromCallable(() -> first + " b:" + user())
                          .subscribeOn(Schedulers.parallel()))
              .contextCapture()
              .block();

      assertThat(seen).isEqualTo("a:alice b:alice");
      assertThat(user()).isEqualTo("alice");
      for (int i = 0; i < 100; i++) {
        assertThat(Mono.fromCallable(ContextTest::user).contextCapture().block())
            .isEqualTo("alice");
      }
    } finally {
      Hooks.disableAutomaticContextPropagation();
    }
    assertThat(
            Mono.fromCallable(() -> String.valueOf(user()))
                .subscribeOn(Schedulers.boundedElastic())
                .block())
        .isEqualTo("null");
  }

  @Test
  void contextPropagation_manyHandOvers_leaveNothingOnTheThreads() throws Exception {
    Hooks.enableAutomaticContextPropagation();
    Scheduler one = Schedulers.newSingle("one");
    try {
      Callable<Integer> depth = Scope::depth;
      for (int i = 0; i < 200; i++) {
        Mono.fromCallable(() -> 1).map(v -> v + 1).subscribeOn(one).block();
      }
      assertThat(Mono.fromCallable(depth).subscribeOn(one).block()).isLessThanOrEqualTo(1);
      try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
        for (int i = 0; i < 200; i++) {
          Mono.fromCallable(() -> 1).map(v -> v + 1).subscribeOn(one).contextCapture().block();
        }
        assertThat(Scope.depth()).isEqualTo(1);
        assertThat(Mono.fromCallable(depth).subscribeOn(one).contextCapture().block())
            .isLessThanOrEqualTo(2);
      }
    } finally {
      Hooks.disableAutomaticContextPropagation();
      one.dispose();
    }
  }

  private static Object user() {
    return Context.current().attributes().get("user.id");
  }
}
