package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.AgentOpsException;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.ModelCallEvent;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoalescingEmbeddingModelTest {

  private final TestClock clock = TestClock.create();
  private final Gate gate = new Gate();
  private final FakeEmbeddings provider = new FakeEmbeddings();

  @Test
  void callThatFindsNoneUnderWay_goesAtOnce_onItsOwnThread() {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    provider.before = texts -> threads.add(Thread.currentThread());
    CoalescingEmbeddingModel model = model().build();

    assertThat(model.embed("a").content()).isEqualTo(provider.vector("a"));
    assertThat(model.embedAll(segments("b", "c")).content())
        .containsExactly(provider.vector("b"), provider.vector("c"));

    assertThat(threads).containsOnly(Thread.currentThread());
    assertThat(clock.pendingTimers()).isZero();
    assertThat(model.stats().batches()).isZero();
  }

  @Test
  void callsThatComeMeanwhile_goTogether_andEachGetsItsOwnAndItsShare() throws Exception {
    holdTheFirst();
    CoalescingEmbeddingModel model = model().build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> a = gathered(model, 1, () -> model.embed("aaaa"));
    CompletableFuture<Response<List<Embedding>>> b =
        gathered(model, 2, () -> model.embedAll(segments("bb", "cc")));
    CompletableFuture<Response<Embedding>> d =
        gathered(model, 3, () -> model.embed(TextSegment.from("dddddddd")));
    gate.open();

    assertThat(a.get().content()).isEqualTo(provider.vector("aaaa"));
    assertThat(b.get().content()).containsExactly(provider.vector("bb"), provider.vector("cc"));
    assertThat(d.get().content()).isEqualTo(provider.vector("dddddddd"));
    first.get();
    assertThat(provider.asked)
        .containsExactly(List.of("first"), List.of("aaaa", "bb", "cc", "dddddddd"));
    assertThat(a.get().tokenUsage()).isEqualTo(new TokenUsage(4, null, 4));
    assertThat(b.get().tokenUsage()).isEqualTo(new TokenUsage(4, null, 4));
    assertThat(d.get().tokenUsage()).isEqualTo(new TokenUsage(8, null, 8));
    assertThat(model.stats().batchedCalls()).isEqualTo(3);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void callsThatHaveWaitedLongEnough_goWhileTheFirstIsStillUnderWay() throws Exception {
    holdTheFirst();
    CoalescingEmbeddingModel model = model().maxGather(Duration.ofMillis(5)).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> a = gathered(model, 1, () -> model.embed("a"));
    CompletableFuture<Response<Embedding>> b = gathered(model, 2, () -> model.embed("b"));
    clock.advance(Duration.ofMillis(5));

    assertThat(a.get().content()).isEqualTo(provider.vector("a"));
    assertThat(b.get().content()).isEqualTo(provider.vector("b"));
    assertThat(first).isNotDone();
    gate.open();
    first.get();
    assertThat(provider.asked).containsExactly(List.of("first"), List.of("a", "b"));
  }

  @Test
  void fullBatch_goesAtOnce_andWhatIsLargerThanABatchGoesInPieces() throws Exception {
    holdTheFirst();
    CoalescingEmbeddingModel model = model().maxBatchSize(2).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> a = gathered(model, 1, () -> model.embed("a"));

    CompletableFuture<Response<List<Embedding>>> large =
        async(() -> model.embedAll(segments("x", "y", "z")));
    await().until(() -> provider.asked.contains(List.of("x", "y")));
    assertThat(model.embed("b").content()).isEqualTo(provider.vector("b"));
    assertThat(large.get().content())
        .containsExactly(provider.vector("x"), provider.vector("y"), provider.vector("z"));
    assertThat(large.get().tokenUsage()).isEqualTo(new TokenUsage(3, null, 3));
    assertThat(a.get().content()).isEqualTo(provider.vector("a"));
    gate.open();
    first.get();
    assertThat(provider.asked)
        .contains(List.of("x", "y"))
        .anyMatch(texts -> texts.contains("a"))
        .allMatch(texts -> texts.size() <= 2);
  }

  @Test
  void largeCalls_keepToTheConcurrency_andSmallOnesGetTheirTurn() throws Exception {
    provider.holding = new Semaphore(0);
    CoalescingEmbeddingModel model = model().maxBatchSize(2).concurrency(2).build();
    List<CompletableFuture<?>> large = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String[] texts = IntStream.range(0, 20).mapToObj(n -> "large" + n).toArray(String[]::new);
      large.add(gathered(model, i, () -> model.embedAll(segments(texts))));
    }
    CompletableFuture<?> small = gathered(model, 4, () -> model.embed("small"));
    for (int landed = 0; landed < 6; landed++) { // one for each that is before it in line
      provider.holding.release();
      int further = landed + 2;
      await().until(() -> small.isDone() || provider.asked.size() > further);
    }

    assertThat(provider.asked).contains(List.of("small"));
    assertThat(large).noneMatch(CompletableFuture::isDone);
    provider.holding.release(1000);
    for (CompletableFuture<?> one : large) {
      one.get();
    }
    small.get();
    assertThat(provider.most.get()).isEqualTo(2);
    assertThat(provider.asked).hasSize(4 * 10 + 1);
  }

  @Test
  void badText_isFoundByHalves_withinTheConcurrency() throws Exception {
    holdTheFirst();
    provider.after =
        texts -> {
          if (texts.contains("t5")) {
            throw new InvalidRequestException("bad text");
          }
        };
    CoalescingEmbeddingModel model = model().concurrency(2).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      String text = "t" + i;
      calls.add(gathered(model, i + 1, () -> model.embed(text)));
    }
    gate.open();
    first.get();
    for (int i = 0; i < 32; i++) {
      if (i != 5) {
        calls.get(i).get();
      }
    }

    assertThatThrownBy(calls.get(5)::get).hasCauseInstanceOf(InvalidRequestException.class);
    assertThat(provider.asked).hasSize(1 + 1 + 2 * 5); // log2 of 32
    assertThat(provider.most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void badText_failsItsOwnCallerOnly() throws Exception {
    holdTheFirst();
    provider.after =
        texts -> {
          if (texts.contains("bad")) {
            throw new InvalidRequestException("bad text");
          }
        };
    CoalescingEmbeddingModel model = model().build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> good = gathered(model, 1, () -> model.embed("good"));
    CompletableFuture<Response<Embedding>> bad = gathered(model, 2, () -> model.embed("bad"));
    gate.open();

    assertThat(good.get().content()).isEqualTo(provider.vector("good"));
    assertThatThrownBy(bad::get).hasCauseInstanceOf(InvalidRequestException.class);
    first.get();
    assertThat(provider.asked)
        .containsExactlyInAnyOrder(
            List.of("first"), List.of("good", "bad"), List.of("good"), List.of("bad"));
    assertThat(model.stats().madeAlone()).isEqualTo(2);
  }

  @Test
  void busyProvider_failsAllCallers_andIsNotAskedByEach() throws Exception {
    holdTheFirst();
    provider.after =
        texts -> {
          if (texts.size() > 1) {
            throw new RateLimitException("slow down");
          }
        };
    CoalescingEmbeddingModel model = model().build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> a = gathered(model, 1, () -> model.embed("a"));
    CompletableFuture<Response<Embedding>> b = gathered(model, 2, () -> model.embed("b"));
    gate.open();

    assertThatThrownBy(a::get).hasCauseInstanceOf(RateLimitException.class);
    assertThatThrownBy(b::get).hasCauseInstanceOf(RateLimitException.class);
    first.get();
    assertThat(provider.asked).hasSize(2);
  }

  @Test
  void wrongNumberOfEmbeddings_isNeverHandedOver() throws Exception {
    holdTheFirst();
    provider.forgetful = true;
    CoalescingEmbeddingModel model = model().build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> a = gathered(model, 1, () -> model.embed("a"));
    CompletableFuture<Response<Embedding>> b = gathered(model, 2, () -> model.embed("b"));
    gate.open();

    assertThat(a.get().content()).isEqualTo(provider.vector("a"));
    assertThat(b.get().content()).isEqualTo(provider.vector("b"));
    first.get();
  }

  @Test
  void deadlineOfOneCaller_endsItsWait_andNotThatOfTheOthers() throws Exception {
    holdTheFirst();
    CoalescingEmbeddingModel model = model().maxGather(Duration.ofHours(1)).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Response<Embedding>> patient = gathered(model, 1, () -> model.embed("a"));
    CompletableFuture<Response<Embedding>> hasty =
        async(
            () -> {
              try (Scope ignored = Deadline.after(Duration.ofSeconds(1), clock).open()) {
                return model.embed("hasty");
              }
            });
    await().until(() -> clock.pendingTimers() == 2);
    clock.advance(Duration.ofSeconds(1));

    assertThatThrownBy(hasty::get).hasCauseInstanceOf(CallTimeoutException.class);
    gate.open();
    assertThat(patient.get().content()).isEqualTo(provider.vector("a"));
    first.get();
    assertThat(provider.asked).containsExactly(List.of("first"), List.of("a"));
  }

  @Test
  void allCallersOfABatchGone_interruptsIt() throws Exception {
    holdTheFirst();
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch flying = new CountDownLatch(1);
    provider.after =
        texts -> {
          if (texts.contains("a")) {
            flying.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              interrupted.countDown();
              throw new IllegalStateException(e);
            }
          }
        };
    CoalescingEmbeddingModel model = model().build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<Thread> caller = new CompletableFuture<>();
    CompletableFuture<Response<Embedding>> a =
        gathered(
            model,
            1,
            () -> {
              caller.complete(Thread.currentThread());
              return model.embed("a");
            });
    gate.open();
    flying.await();
    caller.get().interrupt();

    interrupted.await();
    assertThatThrownBy(a::get).hasCauseInstanceOf(AgentOpsException.class);
    first.get();
    assertThat(model.embed("next").content()).isEqualTo(provider.vector("next"));
  }

  @Test
  void moreThanMayWait_areRefused() throws Exception {
    holdTheFirst();
    CoalescingEmbeddingModel model = model().capacity(2).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<?> a = gathered(model, 1, () -> model.embed("a"));

    assertThatThrownBy(() -> model.embedAll(segments("b", "c")))
        .isInstanceOfSatisfying(
            QueueFullException.class, e -> assertThat(e.retryAfter()).isPositive());
    gate.open();
    first.get();
    a.get();
    assertThat(model.stats().refused()).isEqualTo(1);
  }

  @Test
  void underTheChain_eachCallerHasItsOwnCallAndShare() throws Exception {
    List<ModelCallEvent> events = new CopyOnWriteArrayList<>();
    holdTheFirst();
    CoalescingEmbeddingModel coalescing = model().build();
    AgentOps ops = AgentOps.with().listener(event -> events.add((ModelCallEvent) event)).build();
    EmbeddingModel model = ops.wrap(coalescing);
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<?> a = gathered(coalescing, 1, () -> as("alice", () -> model.embed("aa")));
    CompletableFuture<?> b = gathered(coalescing, 2, () -> as("bob", () -> model.embed("bbbb")));
    gate.open();
    CompletableFuture.allOf(first, a, b).get();

    assertThat(events).hasSize(3);
    assertThat(tokensOf(events, "alice")).isEqualTo(2);
    assertThat(tokensOf(events, "bob")).isEqualTo(4);
  }

  @Test
  void overTheChain_aBatchIsBookedToWhatItsCallersHaveInCommon() throws Exception {
    List<ModelCallEvent> events = new CopyOnWriteArrayList<>();
    holdTheFirst();
    AgentOps ops = AgentOps.with().listener(event -> events.add((ModelCallEvent) event)).build();
    CoalescingEmbeddingModel model =
        CoalescingEmbeddingModel.builder(ops.wrap(provider)).clock(clock).build();
    CompletableFuture<?> first = async(() -> model.embed("first"));
    gate.awaitVisitor();
    CompletableFuture<?> a = gathered(model, 1, () -> as("alice", () -> model.embed("aa")));
    CompletableFuture<?> b = gathered(model, 2, () -> as("bob", () -> model.embed("bbbb")));
    gate.open();
    CompletableFuture.allOf(first, a, b).get();

    ModelCallEvent batch = events.get(1);
    assertThat(batch.attributes()).isEqualTo(Attributes.of("tenant", "acme"));
    assertThat(batch.usage().orElseThrow().inputTokens()).isEqualTo(6);
  }

  @Test
  void manyCallers_getWhatTheyAskedFor_andTheSharesAddUp() throws Exception {
    CoalescingEmbeddingModel model =
        CoalescingEmbeddingModel.builder(provider)
            .maxBatchSize(7)
            .concurrency(2)
            .maxGather(Duration.ofMillis(1))
            .build();
    List<CompletableFuture<Long>> callers = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      Random random = new Random(seed);
      callers.add(
          async(
              () -> {
                long tokens = 0;
                for (int i = 0; i < 100; i++) {
                  String[] texts =
                      random
                          .ints(1 + random.nextInt(9), 0, 1000)
                          .mapToObj(number -> "x".repeat(1 + number % 5) + number)
                          .toArray(String[]::new);
                  Response<List<Embedding>> response = model.embedAll(segments(texts));
                  assertThat(response.content())
                      .isEqualTo(Arrays.stream(texts).map(provider::vector).toList());
                  tokens += response.tokenUsage().inputTokenCount();
                }
                return tokens;
              }));
    }
    long tokens = 0;
    for (CompletableFuture<Long> caller : callers) {
      tokens += caller.get();
    }

    assertThat(tokens)
        .isEqualTo(provider.asked.stream().flatMap(List::stream).mapToLong(String::length).sum());
    assertThat(provider.asked).allMatch(texts -> texts.size() <= 7);
    assertThat(provider.most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void everyMethodOfAnEmbeddingModel_isDelegated() {
    List<String> own =
        Arrays.stream(CoalescingEmbeddingModel.class.getDeclaredMethods())
            .map(Method::getName)
            .toList();
    assertThat(EmbeddingModel.class.getMethods())
        .extracting(Method::getName)
        .filteredOn(name -> !name.startsWith("addListener")) // which decorate this one
        .allMatch(own::contains);
    CoalescingEmbeddingModel model = model().build();
    assertThat(model.modelName()).isEqualTo("fake-embeddings");
    assertThat(model.dimension()).isEqualTo(2);
    assertThat(model.embed(EmbeddingRequest.builder().inputs("a").build()).embeddings())
        .containsExactly(provider.vector("a"));
  }

  private CoalescingEmbeddingModel.Builder model() {
    return CoalescingEmbeddingModel.builder(provider).clock(clock);
  }

  /** Keeps the first call with the provider until the gate is opened. */
  private void holdTheFirst() {
    provider.before =
        texts -> {
          if (texts.contains("first")) {
            try {
              gate.pass();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
  }

  /** Makes a call, and waits until that many are gathered or have gone. */
  private static <T> CompletableFuture<T> gathered(
      CoalescingEmbeddingModel model, int number, Callable<T> call) {
    CompletableFuture<T> future = async(call);
    await().until(() -> model.stats().calls() == number + 1);
    return future;
  }

  private static <T> CompletableFuture<T> async(Callable<T> call) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                future.complete(call.call());
              } catch (Throwable t) {
                future.completeExceptionally(t);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  private static <T> T as(String user, Callable<T> call) throws Exception {
    Attributes attributes = Attributes.of("tenant", "acme", Attributes.USER_ID, user);
    try (Scope ignored = Context.root().with(attributes).makeCurrent()) {
      return call.call();
    }
  }

  private static long tokensOf(List<ModelCallEvent> events, String user) {
    return events.stream()
        .filter(event -> user.equals(event.attributes().text(Attributes.USER_ID)))
        .mapToLong(event -> event.usage().orElseThrow().inputTokens())
        .sum();
  }

  private static List<TextSegment> segments(String... texts) {
    return Arrays.stream(texts).map(TextSegment::from).toList();
  }

  /** A model whose tokens are characters, and whose vectors tell the text. */
  private static final class FakeEmbeddings implements EmbeddingModel {

    final List<List<String>> asked = new CopyOnWriteArrayList<>();
    volatile Consumer<List<String>> before = texts -> {};
    volatile Consumer<List<String>> after = texts -> {};
    volatile Semaphore holding = new Semaphore(1_000_000);
    final AtomicInteger now = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    volatile boolean forgetful;

    Embedding vector(String text) {
      return Embedding.from(new float[] {text.length(), text.hashCode()});
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      List<String> texts = segments.stream().map(TextSegment::text).toList();
      asked.add(texts);
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      try {
        before.accept(texts);
        holding.acquireUninterruptibly();
        after.accept(texts);
      } finally {
        now.decrementAndGet();
      }
      List<Embedding> vectors = new ArrayList<>(texts.stream().map(this::vector).toList());
      if (forgetful && vectors.size() > 1) {
        vectors.remove(0);
      }
      return Response.from(vectors, new TokenUsage(texts.stream().mapToInt(String::length).sum()));
    }

    @Override
    public String modelName() {
      return "fake-embeddings";
    }

    @Override
    public int dimension() {
      return 2;
    }
  }
}
