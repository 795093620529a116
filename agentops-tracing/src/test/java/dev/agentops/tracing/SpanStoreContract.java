package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store promises; each back end extends it. */
public abstract class SpanStoreContract {

  protected static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  protected SpanStore store;

  /** An empty store with room for 20,000 small spans and a few of 5 MB. */
  protected abstract SpanStore newStore();

  @BeforeEach
  void createStore() {
    store = newStore();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void find_empty() {
    assertThat(store.find(SpanQuery.all())).isEmpty();
    assertThat(store.droppedSpans()).isZero();
  }

  @Test
  void find_ordersByStartThenByArrival() {
    store.add(List.of(span("t", "child", 1).build()));
    store.add(List.of(span("t", "root", 0).build()));
    store.add(List.of(span("u", "sameStart", 1).build()));

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .containsExactly("root", "child", "sameStart");
  }

  @Test
  void find_byAgent() {
    store.add(List.of(span("t", "a", 0).agentName("writer").build()));
    store.add(List.of(span("t", "b", 1).agentName("reader").build()));
    store.add(List.of(span("u", "c", 2).agentName("writer").build()));

    assertThat(store.find(SpanQuery.ofAgent("writer")))
        .extracting(Span::spanId)
        .containsExactly("a", "c");
    assertThat(store.find(SpanQuery.ofAgent("nobody"))).isEmpty();
  }

  @Test
  void find_byTrace() {
    store.add(List.of(span("t", "a", 0).build()));
    store.add(List.of(span("u", "b", 1).build()));

    assertThat(store.find(SpanQuery.ofTrace("u"))).extracting(Span::spanId).containsExactly("b");
    assertThat(store.find(SpanQuery.ofTrace("no such trace"))).isEmpty();
  }

  @Test
  void find_keepsEveryPart() {
    Attributes attributes =
        Attributes.of("text", "x", "count", 7, "share", 0.5, "list", List.of("a", "b"));
    Span added =
        span("t", "a", 3)
            .parentSpanId("p")
            .name("chat gpt-4")
            .kind(SpanKind.CLIENT)
            .status(SpanStatus.ERROR)
            .error("java.lang.IllegalStateException: boom")
            .input(Map.of("query", "hello"))
            .output("hi")
            .metadata(Map.of("tokens", 100))
            .attributes(attributes)
            .link(new SpanLink("cause", "c", Attributes.of("why", "asked for it")))
            .event(new SpanEvent("retry", START.plusSeconds(4), Attributes.of("attempt", 2)))
            .startTime(START.plusNanos(123_456_789))
            .duration(Duration.ofNanos(1_234_567_891))
            .build();

    store.add(List.of(added));

    Span found = store.find(SpanQuery.all()).get(0);
    assertThat(found.traceId()).isEqualTo("t");
    assertThat(found.spanId()).isEqualTo("a");
    assertThat(found.parentSpanId()).isEqualTo("p");
    assertThat(found.name()).isEqualTo("chat gpt-4");
    assertThat(found.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(found.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(found.error()).isEqualTo("java.lang.IllegalStateException: boom");
    assertThat(found.input()).isEqualTo(Map.of("query", "hello"));
    assertThat(found.output()).isEqualTo("hi");
    assertThat(found.metadata()).isEqualTo(Map.of("tokens", 100));
    assertThat(found.attributes()).isEqualTo(attributes);
    assertThat(found.events()).isEqualTo(added.events());
    assertThat(found.links()).isEqualTo(added.links());
    assertThat(found.agentName()).isEqualTo("agent");
    assertThat(found.action()).isEqualTo("act");
    assertThat(found.startTime()).isEqualTo(START.plusNanos(123_456_789));
    assertThat(found.duration()).isEqualTo(Duration.ofNanos(1_234_567_891));
  }

  @Test
  void find_resultDoesNotChange() {
    store.add(List.of(span("t", "a", 0).build()));
    List<Span> found = store.find(SpanQuery.all());
    store.add(List.of(span("t", "b", 1).build()));

    assertThat(found).hasSize(1);
    assertThatThrownBy(() -> found.add(found.get(0)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void add_fromManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        tasks.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    store.add(List.of(span("trace" + i % 10, thread + "-" + i, i).build()));
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .hasSize(800)
        .doesNotHaveDuplicates();
    assertThat(store.find(SpanQuery.ofTrace("trace3"))).hasSize(80);
    assertThat(store.droppedSpans()).isZero();
  }

  @Test
  void find_byWhereAndHow() {
    store.add(
        List.of(
            span("t", "root", 0).action("chat").status(SpanStatus.ERROR).build(),
            span("t", "child", 1).action("execute_tool").parentSpanId("root").build()));
    store.add(List.of(span("u", "late", 9).duration(Duration.ofSeconds(3)).build()));

    assertThat(ids(SpanQuery.builder().action("execute_tool"))).containsExactly("child");
    assertThat(ids(SpanQuery.builder().status(SpanStatus.ERROR))).containsExactly("root");
    assertThat(ids(SpanQuery.builder().status(SpanStatus.RUNNING))).isEmpty();
    assertThat(ids(SpanQuery.builder().rootsOnly())).containsExactly("root", "late");
    assertThat(ids(SpanQuery.builder().startedFrom(START.plusSeconds(1))))
        .containsExactly("child", "late");
    assertThat(ids(SpanQuery.builder().startedFrom(START.plusNanos(1_000_000_001))))
        .containsExactly("late");
    assertThat(ids(SpanQuery.builder().startedBefore(START.plusSeconds(1))))
        .containsExactly("root");
    assertThat(
            ids(SpanQuery.builder().startedFrom(Instant.MIN).startedBefore(Instant.MAX).limit(2)))
        .containsExactly("root", "child");
    assertThat(ids(SpanQuery.builder().minimumDuration(Duration.ofSeconds(3))))
        .containsExactly("late");
    assertThat(ids(SpanQuery.builder().minimumDuration(Duration.ofNanos(3_000_000_001L))))
        .isEmpty();
    assertThat(ids(SpanQuery.builder().minimumDuration(ChronoUnit.FOREVER.getDuration())))
        .isEmpty();
  }

  @Test
  void find_bySessionUserAndModel() {
    store.add(List.of(span("t", "a", 0).attributes(Attributes.of("session.id", "s1")).build()));
    store.add(
        List.of(
            span("t", "b", 1).attributes(Attributes.of("gen_ai.conversation.id", "s1")).build(),
            span("t", "c", 2)
                .attributes(Attributes.of("session.id", "s2", "gen_ai.conversation.id", "s1"))
                .build()));
    store.add(
        List.of(
            span("u", "d", 3)
                .attributes(
                    Attributes.of(
                        "user.id", "alice",
                        "gen_ai.request.model", "gpt-4",
                        "gen_ai.response.model", "gpt-4-0613"))
                .build(),
            span("u", "e", 4).attributes(Attributes.of("user.id", 5)).build()));
    store.add(
        List.of(span("v", "f", 5).scopeAttributes(Attributes.of("user.id", "alice")).build()));

    assertThat(ids(SpanQuery.builder().sessionId("s1"))).containsExactly("a", "b");
    assertThat(ids(SpanQuery.builder().sessionId("s2"))).containsExactly("c");
    assertThat(ids(SpanQuery.builder().userId("alice"))).containsExactly("d", "f");
    assertThat(ids(SpanQuery.builder().userId("5"))).isEmpty();
    assertThat(ids(SpanQuery.builder().model("gpt-4"))).containsExactly("d");
    assertThat(ids(SpanQuery.builder().model("gpt-4-0613"))).containsExactly("d");
    assertThat(ids(SpanQuery.builder().model("GPT-4"))).isEmpty();
  }

  @Test
  void find_byCost() {
    store.add(List.of(costing("free", 0, "0"), costing("cheap", 1, "0.000000000001")));
    store.add(List.of(costing("dear", 2, "12.50"), span("t", "unknown", 3).build()));

    assertThat(ids(SpanQuery.builder().minimumCost(Cost.usd("12.5")))).containsExactly("dear");
    assertThat(ids(SpanQuery.builder().minimumCost(Cost.usd("12.500000000001")))).isEmpty();
    assertThat(ids(SpanQuery.builder().minimumCost(Cost.ofPicoUsd(1))))
        .containsExactly("cheap", "dear");
    assertThat(ids(SpanQuery.builder().minimumCost(Cost.ZERO)))
        .containsExactly("free", "cheap", "dear", "unknown");
    assertThat(ids(SpanQuery.builder().minimumCost(Cost.usd("1E+30")))).isEmpty();
  }

  @Test
  void find_byAttribute_ofItsTypeOnly() {
    Attributes attributes =
        Attributes.builder()
            .put("text", "5")
            .put("whole", 5)
            .put("real", 5.0)
            .put("flag", true)
            .put("list", List.of("a", "b, c"))
            .build();
    store.add(List.of(span("t", "a", 0).attributes(attributes).build()));
    store.add(List.of(span("t", "b", 1).attributes(Attributes.of("text", "other")).build()));

    attributes.forEach(
        (name, value) ->
            assertThat(ids(SpanQuery.builder().attribute(name, value))).containsExactly("a"));
    assertThat(ids(SpanQuery.builder().attribute("text", 5))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("whole", "5"))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("whole", 5.0))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("flag", "true"))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("list", List.of("a", "b", "c")))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("list", List.of("a, b", "c")))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("none", "5"))).isEmpty();
    assertThat(ids(SpanQuery.builder().attribute("text", "5").attribute("whole", 5)))
        .containsExactly("a");
    assertThat(ids(SpanQuery.builder().attribute("text", "other").attribute("whole", 5))).isEmpty();
  }

  @Test
  void find_byText_inAnyCaseAndPlace() {
    store.add(List.of(span("t", "name", 0).name("Chat GPT-4").build()));
    store.add(List.of(span("t", "error", 1).error("Rate LIMIT exceeded").build()));
    store.add(List.of(span("t", "input", 2).input("100% of \u00c4pfel_\ud83d\ude00").build()));
    store.add(List.of(span("t", "output", 3).output(Map.of("Answer", List.of(42))).build()));
    store.add(List.of(span("t", "metadata", 4).metadata(Map.of("k", "hidden")).build()));

    assertThat(ids(SpanQuery.builder().text("gpt-4"))).containsExactly("name");
    assertThat(ids(SpanQuery.builder().text("limit EXC"))).containsExactly("error");
    assertThat(ids(SpanQuery.builder().text("\u00e4PFEL"))).containsExactly("input");
    assertThat(ids(SpanQuery.builder().text("\ud83d\ude00"))).containsExactly("input");
    assertThat(ids(SpanQuery.builder().text("%"))).containsExactly("input");
    assertThat(ids(SpanQuery.builder().text("_"))).containsExactly("input");
    assertThat(ids(SpanQuery.builder().text("answer"))).containsExactly("output");
    assertThat(ids(SpanQuery.builder().text("[42]"))).containsExactly("output");
    assertThat(ids(SpanQuery.builder().text("hidden"))).isEmpty();
    assertThat(ids(SpanQuery.builder().text("' OR 1=1 --"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void find_randomised_asTheQueryMatches(long seed) {
    Random random = new Random(seed);
    List<Span> added = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Span span = anySpan(random, i);
      store.add(List.of(span));
      added.add(span);
    }
    added.sort(Comparator.comparing(Span::startTime));

    for (int i = 0; i < 200; i++) {
      boolean newestFirst = random.nextBoolean();
      List<String> wanted =
          new ArrayList<>(
              added.stream()
                  .filter(anyQuery(new Random(seed * 1_000 + i)).build()::matches)
                  .map(Span::spanId)
                  .toList());
      if (newestFirst) {
        Collections.reverse(wanted);
      }
      List<String> found = new ArrayList<>();
      Span last = null;
      int limit = 1 + random.nextInt(40);
      do {
        SpanQuery.Builder page = anyQuery(new Random(seed * 1_000 + i)).limit(limit).after(last);
        List<Span> spans = store.find((newestFirst ? page.newestFirst() : page).build());
        assertThat(spans).hasSizeLessThanOrEqualTo(limit);
        spans.forEach(span -> found.add(span.spanId()));
        last = spans.size() < limit ? null : spans.get(limit - 1);
      } while (last != null);
      assertThat(found).isEqualTo(wanted);
    }
  }

  private static Span anySpan(Random random, int number) {
    Attributes.Builder attributes = Attributes.builder();
    if (random.nextBoolean()) {
      attributes.put("session.id", "s" + random.nextInt(3));
    }
    if (random.nextBoolean()) {
      attributes.put("user.id", "u" + random.nextInt(3));
    }
    if (random.nextBoolean()) {
      attributes.put("gen_ai.request.model", "m" + random.nextInt(3));
      attributes.put("gen_ai.response.model", "m" + random.nextInt(3));
      attributes.put("agentops.cost.usd", "0.00" + random.nextInt(10));
    }
    if (random.nextBoolean()) {
      attributes.put("step", random.nextInt(3));
    }
    long startSecond = number * 7_919L % 200; // each another one, in no order
    return span("t" + random.nextInt(9), "n" + number, startSecond)
        .parentSpanId(random.nextBoolean() ? null : "p")
        .agentName("agent" + random.nextInt(3))
        .action("act" + random.nextInt(3))
        .status(SpanStatus.values()[random.nextInt(SpanStatus.values().length)])
        .input(random.nextBoolean() ? null : "Text " + random.nextInt(20))
        .output(random.nextBoolean() ? null : Map.of("k", random.nextInt(20)))
        .duration(Duration.ofMillis(random.nextInt(10)))
        .attributes(attributes.build())
        .build();
  }

  private static SpanQuery.Builder anyQuery(Random random) {
    SpanQuery.Builder query = SpanQuery.builder();
    List<Runnable> conditions =
        List.of(
            () -> query.traceId("t" + random.nextInt(9)),
            () -> query.agentName("agent" + random.nextInt(3)),
            () -> query.action("act" + random.nextInt(3)),
            () -> query.status(SpanStatus.values()[random.nextInt(3)]),
            () -> query.sessionId("s" + random.nextInt(3)),
            () -> query.userId("u" + random.nextInt(3)),
            () -> query.model("m" + random.nextInt(3)),
            () -> query.attribute("step", random.nextInt(3)),
            () -> query.text("t " + random.nextInt(20)),
            () -> query.text("k=" + random.nextInt(20)),
            query::rootsOnly,
            () -> query.startedFrom(START.plusSeconds(random.nextInt(200))),
            () -> query.startedBefore(START.plusSeconds(random.nextInt(200))),
            () -> query.minimumDuration(Duration.ofMillis(random.nextInt(10))),
            () -> query.minimumCost(Cost.usd("0.00" + random.nextInt(10))));
    for (int i = random.nextInt(4); i > 0; i--) {
      conditions.get(random.nextInt(conditions.size())).run();
    }
    return query;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void find_pages_whileSpansAreAdded(boolean newestFirst) {
    List<String> before = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      before.add("before" + i);
      store.add(List.of(span("t" + i, "before" + i, i / 5).build())); // five starts are equal
    }
    if (newestFirst) {
      Collections.reverse(before);
    }

    List<String> seen = new ArrayList<>();
    Span last = null;
    for (int page = 0; page < 50; page++) {
      SpanQuery.Builder query = SpanQuery.builder().limit(7).after(last);
      List<Span> spans = store.find((newestFirst ? query.newestFirst() : query).build());
      if (spans.isEmpty()) {
        break;
      }
      spans.forEach(span -> seen.add(span.spanId()));
      last = spans.get(spans.size() - 1);
      for (int second : List.of(-1, 3, 20)) { // before, between and behind
        store.add(List.of(span("new" + page, "new" + page + "-" + second, second).build()));
      }
    }

    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen.stream().filter(id -> id.startsWith("before")).toList()).isEqualTo(before);
  }

  @Test
  void find_limitOne_walksEqualStarts() {
    for (int i = 0; i < 5; i++) {
      store.add(List.of(span("t", "s" + i, 0).build()));
    }

    List<String> seen = new ArrayList<>();
    List<Span> page = store.find(SpanQuery.builder().limit(1).build());
    while (!page.isEmpty()) {
      assertThat(page).hasSize(1);
      seen.add(page.get(0).spanId());
      page = store.find(SpanQuery.builder().limit(1).after(page.get(0)).build());
    }

    assertThat(seen).containsExactly("s0", "s1", "s2", "s3", "s4");
  }

  @Test
  void find_afterASpanThatIsNotThere_goesOnBehindItsTime() {
    store.add(List.of(span("t", "a", 0).build(), span("t", "b", 2).build()));
    Span gone = span("gone", "gone", 1).build();

    assertThat(ids(SpanQuery.builder().after(gone))).containsExactly("b");
    assertThat(ids(SpanQuery.builder().after(gone).newestFirst())).containsExactly("a");
  }

  @Test
  void find_onlyTheSpansOfOneAdd_inTheirOrder() {
    store.add(
        List.of(
            span("t", "second", 1).build(),
            span("t", "third", 1).build(),
            span("t", "first", 0).build()));
    store.add(List.of());

    assertThat(ids(SpanQuery.builder())).containsExactly("first", "second", "third");
    assertThat(ids(SpanQuery.builder().newestFirst())).containsExactly("third", "second", "first");
  }

  @Test
  void find_tenThousandChildren() {
    List<Span> trace = new ArrayList<>();
    trace.add(span("t", "root", 0).build());
    for (int i = 0; i < 10_000; i++) {
      trace.add(span("t", "child" + i, 1 + i).parentSpanId("root").build());
    }
    store.add(trace);

    List<Span> found = store.find(SpanQuery.ofTrace("t"));

    assertThat(found).hasSize(10_001);
    assertThat(Trace.of(found).children(Trace.of(found).root())).hasSize(10_000);
    assertThat(ids(SpanQuery.builder().traceId("t").newestFirst().limit(2)))
        .containsExactly("child9999", "child9998");
  }

  @Test
  void find_anyText() {
    String odd = "\u0000 \ud800 \udc00 \u7f16\ud83d\ude00 ' \" \\ % \n\u0001";
    Span added =
        span("t" + odd, "s" + odd, 0)
            .parentSpanId("p" + odd)
            .agentName("agent" + odd)
            .action("act" + odd)
            .name("name" + odd)
            .error("error" + odd)
            .input("input" + odd)
            .output(List.of(odd))
            .metadata(Map.of("k", odd))
            .attributes(Attributes.of("session.id", odd, "user.id", odd, "k", odd))
            .event(new SpanEvent(odd, START, Attributes.of("k", odd)))
            .link(new SpanLink(odd, odd, Attributes.of("k", odd)))
            .build();
    store.add(List.of(added));
    store.addScore(Score.builder("t" + odd, odd).label(odd).comment(odd).build());

    Span found = store.find(SpanQuery.all()).get(0);
    assertThat(found.traceId()).isEqualTo("t" + odd);
    assertThat(found.input()).isEqualTo("input" + odd);
    assertThat(found.output()).isEqualTo(List.of(odd));
    assertThat(found.metadata()).isEqualTo(Map.of("k", odd));
    assertThat(found.attributes()).isEqualTo(added.attributes());
    assertThat(found.events()).isEqualTo(added.events());
    assertThat(found.links()).isEqualTo(added.links());
    for (SpanQuery.Builder query :
        List.of(
            SpanQuery.builder().traceId("t" + odd),
            SpanQuery.builder().agentName("agent" + odd),
            SpanQuery.builder().action("act" + odd),
            SpanQuery.builder().sessionId(odd),
            SpanQuery.builder().userId(odd),
            SpanQuery.builder().attribute("k", odd),
            SpanQuery.builder().text("Error" + odd))) {
      assertThat(store.find(query.build())).hasSize(1);
    }
    assertThat(ids(SpanQuery.builder().traceId("t"))).isEmpty();
    assertThat(store.scores("t" + odd))
        .containsExactly(Score.builder("t" + odd, odd).label(odd).comment(odd).build());
  }

  @Test
  void find_longIdsAndNames() {
    String one = "x".repeat(100_000) + "1";
    String two = "x".repeat(100_000) + "2";
    for (String text : List.of(one, two)) {
      store.add(
          List.of(
              span(text, "s" + text, 0)
                  .agentName(text)
                  .attributes(Attributes.of("session.id", text, text, text))
                  .build()));
    }

    for (SpanQuery.Builder query :
        List.of(
            SpanQuery.builder().traceId(two),
            SpanQuery.builder().agentName(two),
            SpanQuery.builder().sessionId(two),
            SpanQuery.builder().attribute("session.id", two))) {
      assertThat(store.find(query.build())).hasSize(1);
    }
    assertThat(store.find(SpanQuery.ofTrace(two)).get(0).agentName()).isEqualTo(two);
  }

  @Test
  void find_largePayload() {
    String large = "word ".repeat(1_000_000);
    store.add(
        List.of(
            span("t", "a", 0)
                .input(large + "Needle")
                .output(Map.of("k", large))
                .attributes(Attributes.of("gen_ai.input.messages", large + "Needle"))
                .build()));

    List<Span> found = store.find(SpanQuery.builder().text("needle").build());

    assertThat(found).hasSize(1);
    assertThat((large + "Needle").equals(found.get(0).input())).isTrue();
    assertThat(Map.of("k", large).equals(found.get(0).output())).isTrue();
    assertThat((large + "Needle").equals(found.get(0).attribute("gen_ai.input.messages"))).isTrue();
    assertThat(ids(SpanQuery.builder().attribute("gen_ai.input.messages", large + "Needle")))
        .containsExactly("a");
  }

  @Test
  void find_extremeTimes() {
    store.add(
        List.of(
            span("t", "middle", 0).build(),
            span("t", "last", 0).startTime(Instant.MAX).build(),
            span("t", "first", 0).startTime(Instant.MIN).duration(Duration.ZERO).build()));

    assertThat(ids(SpanQuery.builder())).containsExactly("first", "middle", "last");
    assertThat(store.find(SpanQuery.builder().newestFirst().limit(1).build()).get(0).startTime())
        .isEqualTo(Instant.MAX);
  }

  @Test
  void add_attributesThatAreNotWhatTheyShouldBe() {
    store.add(
        List.of(
            span("t", "a", 0)
                .attributes(Attributes.of("gen_ai.usage.input_tokens", "many", "session.id", 5L))
                .build()));

    assertThat(ids(SpanQuery.builder().sessionId("5"))).containsExactly("a");
    assertThat(store.find(SpanQuery.all()).get(0).inputTokens()).isZero();
  }

  @Test
  void addScore_beforeItsTraceAndForNone() {
    Score early = Score.builder("t", "thumb").spanId("a").label("up").timestamp(START).build();
    Score late = Score.of("t", "helpfulness", 0.25);
    store.addScore(early);
    store.addScore(Score.of("unknown", "helpfulness", 1));
    store.add(List.of(span("t", "a", 0).build()));
    store.addScore(late);
    store.addScore(late); // said twice: both count

    assertThat(store.scores("t")).containsExactly(early, late, late);
    assertThat(store.scores("unknown")).containsExactly(Score.of("unknown", "helpfulness", 1));
    assertThat(store.scores("nobody")).isEmpty();
    assertThat(store.find(SpanQuery.all())).hasSize(1);
  }

  @Test
  void findAndAddScore_whileSpansAreAdded() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        tasks.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 30; i++) {
                    String trace = "t" + thread + "-" + i;
                    store.add(
                        List.of(
                            span(trace, trace + "a", i).build(),
                            span(trace, trace + "b", i).build()));
                    store.addScore(Score.of("shared", "n", i));
                    // a trace is there as a whole
                    for (Span found :
                        store.find(SpanQuery.builder().newestFirst().limit(1).build())) {
                      assertThat(store.find(SpanQuery.ofTrace(found.traceId()))).isNotEmpty();
                    }
                    assertThat(store.find(SpanQuery.ofTrace(trace))).hasSize(2);
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(store.find(SpanQuery.all())).hasSize(240);
    assertThat(store.scores("shared")).hasSize(120);
  }

  private List<String> ids(SpanQuery.Builder query) {
    return store.find(query.build()).stream().map(Span::spanId).toList();
  }

  private static Span costing(String spanId, long startSecond, String usd) {
    return span("t", spanId, startSecond)
        .attributes(Attributes.of(GenAiAttributes.COST_USD, usd))
        .build();
  }

  @Test
  void close_twice() {
    store.close();
    store.close();
  }

  protected static Span.Builder span(String traceId, String spanId, long startSecond) {
    return Span.builder()
        .traceId(traceId)
        .spanId(spanId)
        .agentName("agent")
        .action("act")
        .startTime(START.plusSeconds(startSecond));
  }
}
