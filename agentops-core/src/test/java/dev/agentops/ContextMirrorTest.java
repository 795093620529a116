package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ContextMirrorTest {

  private static final Key<String> WHO = Key.of("who");

  private final World world = new World();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();

  @AfterEach
  void nothingIsLeftBehind() throws Exception {
    pool.submit(() -> assertThat(world.seen()).isNull()).get(10, TimeUnit.SECONDS);
    pool.shutdownNow();
    assertThat(world.seen()).isNull();
    assertThat(world.disorder).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void mirror_nestedScopes_showsEachAndBringsBackTheOneBefore() {
    try (ContextMirror.Registration installed = Scope.mirror(world)) {
      try (Scope a = open("a")) {
        assertThat(world.seen()).isEqualTo("a");
        try (Scope b = open("b")) {
          assertThat(world.seen()).isEqualTo("b");
        }
        assertThat(world.seen()).isEqualTo("a");
      }
      assertThat(world.seen()).isNull();
    }
  }

  @Test
  void mirror_outerScopeClosedFirst_isToldOfTheInnerOnesInOrder() {
    try (ContextMirror.Registration installed = Scope.mirror(world)) {
      Scope a = open("a");
      Scope b = open("b");
      Scope c = open("c");

      a.close();

      assertThat(world.seen()).isNull();
      assertThat(world.log).containsExactly("+a", "+b", "+c", "-c", "-b", "-a");
      c.close();
      b.close();
      a.close();
      assertThat(world.log).hasSize(6);
    }
  }

  @Test
  void mirror_closedOnAnotherThread_isNotToldThere() throws Exception {
    try (ContextMirror.Registration installed = Scope.mirror(world);
        Scope mine = open("mine")) {
      pool.submit(mine::close).get(10, TimeUnit.SECONDS);

      assertThat(world.seen()).isEqualTo("mine");
      assertThat(world.log).containsExactly("+mine");
    }
  }

  @Test
  void mirror_wrappedTask_showsTheContextOnTheOtherThread() throws Exception {
    try (ContextMirror.Registration installed = Scope.mirror(world);
        Scope mine = open("mine")) {
      Callable<Object> task = Scope.wrap((Callable<Object>) world::seen);

      assertThat(pool.submit(task).get(10, TimeUnit.SECONDS)).isEqualTo("mine");
      assertThat(pool.submit(world::seen).get(10, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with Java 21")
  void mirror_virtualThreads_showTheContext() throws Exception {
    ExecutorService virtual =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    try (ContextMirror.Registration installed = Scope.mirror(world);
        Scope mine = open("mine")) {
      Callable<Object> task = Scope.wrap((Callable<Object>) world::seen);

      assertThat(virtual.submit(task).get(10, TimeUnit.SECONDS)).isEqualTo("mine");
    } finally {
      virtual.shutdownNow();
    }
  }

  @Test
  void mirror_reactorHandOvers_showTheContextAndLeaveNothingOnTheThreads() {
    Hooks.enableAutomaticContextPropagation();
    Scheduler one = Schedulers.newSingle("one");
    try (ContextMirror.Registration installed = Scope.mirror(world)) {
      try (Scope mine = open("mine")) {
        for (int i = 0; i < 50; i++) {
          assertThat(
                  Mono.fromCallable(() -> world.seen() + "+")
                      .subscribeOn(one)
                      .map(first -> first + world.seen())
                      .contextCapture()
                      .block())
              .isEqualTo("mine+mine");
          assertThat(world.seen()).isEqualTo("mine");
        }
      }
      assertThat(Mono.fromCallable(() -> String.valueOf(world.seen())).subscribeOn(one).block())
          .isEqualTo("null");
    } finally {
      Hooks.disableAutomaticContextPropagation();
      one.dispose();
    }
  }

  @Test
  void mirror_returnToAContextOfNoOpenScope_showsItUntilTheNextReturn() {
    Context elsewhere = Context.root().with(WHO, "elsewhere");
    try (ContextMirror.Registration installed = Scope.mirror(world)) {
      Scope forgotten = open("forgotten");

      Scope.returnTo(elsewhere);
      assertThat(world.seen()).isEqualTo("elsewhere");
      assertThat(Context.current()).isSameAs(elsewhere);

      Scope.returnTo(Context.root());
      assertThat(world.log).containsExactly("+forgotten", "-forgotten", "+elsewhere", "-elsewhere");
      forgotten.close();
    }
  }

  @Test
  void close_whileAScopeIsOpen_isStillToldOfItsEnd() {
    ContextMirror.Registration installed = Scope.mirror(world);
    try (Scope before = open("before")) {
      installed.close();
      installed.close();
      try (Scope after = open("after")) {
        assertThat(world.seen()).isEqualTo("before");
      }
    }

    assertThat(world.log).containsExactly("+before", "-before");
  }

  @Test
  void mirror_several_endInReverseOrder() {
    World second = new World(world.log, "2");
    try (ContextMirror.Registration one = Scope.mirror(world);
        ContextMirror.Registration two = Scope.mirror(second);
        ContextMirror.Registration again = Scope.mirror(second)) {
      two.close();
      open("a").close();
    }
    open("b").close();

    assertThat(world.log).containsExactly("+a", "+2a", "-2a", "-a");
  }

  @Test
  void mirror_thatFails_hurtsNeitherTheCallerNorTheOthers() {
    ContextMirror failsToEnter =
        new ContextMirror() {
          @Override
          public Object enter(Context context) {
            throw new IllegalStateException("enter");
          }

          @Override
          public void exit(Object saved) {
            world.disorder.add("told of an exit without an enter");
          }
        };
    ContextMirror failsToExit =
        new ContextMirror() {
          @Override
          public Object enter(Context context) {
            return "x";
          }

          @Override
          public void exit(Object saved) {
            throw new StackOverflowError(String.valueOf(saved));
          }
        };
    try (ContextMirror.Registration one = Scope.mirror(failsToEnter);
        ContextMirror.Registration two = Scope.mirror(world);
        ContextMirror.Registration three = Scope.mirror(failsToExit)) {
      try (Scope a = open("a")) {
        assertThat(world.seen()).isEqualTo("a");
        assertThat(Context.current().get(WHO)).isEqualTo("a");
      }
      assertThat(world.seen()).isNull();
    }
  }

  @Test
  void mirror_null_isRefused() {
    assertThatThrownBy(() -> Scope.mirror(null)).hasMessage("mirror");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void mirror_randomOpensClosesAndReturns_alwaysShowsTheCurrentContext(long seed) {
    Random random = new Random(seed);
    List<Scope> all = new ArrayList<>();
    try (ContextMirror.Registration installed = Scope.mirror(world)) {
      for (int i = 0; i < 500; i++) {
        switch (random.nextInt(4)) {
          case 0, 1 -> all.add(open("c" + i));
          case 2 -> {
            if (!all.isEmpty()) {
              all.get(random.nextInt(all.size())).close();
            }
          }
          default ->
              Scope.returnTo(
                  all.isEmpty() || random.nextInt(5) == 0
                      ? Context.root()
                      : all.get(random.nextInt(all.size())).context());
        }
        assertThat(world.seen()).isEqualTo(Context.current().get(WHO));
      }
      Scope.returnTo(Context.root());
    }
  }

  private static Scope open(String who) {
    return Context.current().with(WHO, who).makeCurrent();
  }

  /** A world that notices when it is told of things in the wrong order or on the wrong thread. */
  private static final class World implements ContextMirror {

    final List<String> log;
    final List<String> disorder = Collections.synchronizedList(new ArrayList<>());
    private final String name;
    private final ThreadLocal<Deque<String>> shown = ThreadLocal.withInitial(ArrayDeque::new);

    World() {
      this(Collections.synchronizedList(new ArrayList<>()), "");
    }

    World(List<String> log, String name) {
      this.log = log;
      this.name = name;
    }

    String seen() {
      return shown.get().peek();
    }

    @Override
    public Object enter(Context context) {
      if (Context.current() != context) {
        disorder.add("told of a context that is not current");
      }
      String who = context.get(WHO) + "";
      shown.get().push(who);
      log.add("+" + name + who);
      return who;
    }

    @Override
    public void exit(Object saved) {
      log.add("-" + name + saved);
      if (!saved.equals(shown.get().poll())) {
        disorder.add("ended " + saved + " out of order");
      }
    }
  }
}
