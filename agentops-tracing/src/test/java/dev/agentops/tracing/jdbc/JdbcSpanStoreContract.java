package dev.agentops.tracing.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentops.AgentOpsException;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanQuery;
import dev.agentops.tracing.SpanStore;
import dev.agentops.tracing.SpanStoreContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a store in any database promises beyond what every store does. */
abstract class JdbcSpanStoreContract extends SpanStoreContract {

  /** Opens one database, which is empty when a test begins. */
  abstract JdbcSpanStore.Builder builder();

  /** Makes the database fail on every span, with a message that quotes it. */
  abstract void refuseSpans() throws SQLException;

  @Override
  protected SpanStore newStore() {
    return builder().build();
  }

  @Test
  void add_again_changesNothing() {
    List<Span> trace = List.of(span("t", "a", 0).build(), span("t", "b", 1).build());
    store.add(trace);
    store.add(trace);
    store.add(
        List.of(
            span("t", "b", 9).attributes(Attributes.of("k", "other")).build(),
            span("t", "c", 2).build(),
            span("t", "c", 2).build()));

    assertThat(store.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("a", "b", "c");
    assertThat(store.find(SpanQuery.builder().attribute("k", "other").build())).isEmpty();
  }

  @Test
  void find_equalStartsOfSeveralTraces_inTheOrderOfArrival() {
    for (String id : List.of("t-a", "u-b", "t-c", "u-d")) {
      store.add(List.of(span(id.substring(0, 1), id, 0).build()));
    }

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .containsExactly("t-a", "u-b", "t-c", "u-d");
  }

  @Test
  void open_again_everythingIsThere() {
    Span added = span("t", "a", 0).input("hello").attributes(Attributes.of("k", 1)).build();
    store.add(List.of(added));
    store.addScore(Score.of("t", "n", 1));
    store.close();

    try (SpanStore again = newStore()) {
      Span found = again.find(SpanQuery.builder().attribute("k", 1).build()).get(0);
      assertThat(found.input()).isEqualTo("hello");
      assertThat(again.scores("t")).containsExactly(Score.of("t", "n", 1));
      again.add(List.of(added, span("t", "b", 0).build()));
      assertThat(again.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("a", "b");
    }
  }

  @Test
  void open_twiceAtOnce_bothAdd() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        tasks.add(
            threads.submit(
                () -> {
                  try (SpanStore own = newStore()) {
                    for (int i = 0; i < 50; i++) {
                      own.add(List.of(span("t" + i, thread + "-" + i, i).build()));
                    }
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
        .hasSize(200)
        .doesNotHaveDuplicates();
  }

  @Test
  void add_overMaximumSpans_deletesTheOldestTracesWhole() {
    try (SpanStore small = builder().maximumSpans(160).build()) {
      for (int i = 0; i < 400; i++) {
        String trace = "t" + i;
        small.add(List.of(span(trace, i + "a", i).build(), span(trace, i + "b", i).build()));
        small.addScore(Score.of(trace, "n", i));
      }

      List<Span> kept = small.find(SpanQuery.all());
      assertThat(kept.size()).isBetween(150, 170).isEven();
      assertThat(kept.size() + small.droppedSpans()).isEqualTo(800);
      assertThat(kept.get(kept.size() - 1).spanId()).isEqualTo("399b");
      assertThat(kept.get(0).spanId()).endsWith("a");
      assertThat(small.scores("t0")).isEmpty();
      assertThat(small.scores("t399")).hasSize(1);
      assertThat(small.find(SpanQuery.ofTrace("t0"))).isEmpty();
    }
  }

  @Test
  void add_overMaximumBytes_deletesTheOldestTraces() {
    try (SpanStore small = builder().maximumBytes(1_000_000).build()) {
      for (int i = 0; i < 50; i++) {
        small.add(List.of(span("t" + i, "s" + i, i).input("x".repeat(50_000)).build()));
      }

      List<Span> kept = small.find(SpanQuery.all());
      assertThat(kept.size()).isBetween(7, 11); // each is kept as a document and to be searched
      assertThat(kept.get(kept.size() - 1).spanId()).isEqualTo("s49");
      assertThat(kept.size() + small.droppedSpans()).isEqualTo(50);
    }
  }

  @Test
  void add_afterMaximumAge_deletesTracesAndScores() {
    TestClock clock = TestClock.create();
    try (SpanStore young = builder().maximumAge(Duration.ofHours(1)).clock(clock).build()) {
      young.add(List.of(span("old", "a", 0).attributes(Attributes.of("k", 1)).build()));
      young.addScore(Score.of("old", "n", 1));
      young.addScore(Score.of("stray", "n", 1));
      young.add(List.of(span("goesOn", "b", 0).build()));
      clock.advance(Duration.ofMinutes(59));
      young.add(List.of(span("goesOn", "c", 59 * 60).build()));
      assertThat(young.find(SpanQuery.all())).hasSize(3);

      clock.advance(Duration.ofMinutes(2));
      young.add(List.of(span("new", "d", 61 * 60).build()));

      assertThat(young.find(SpanQuery.all()))
          .extracting(Span::spanId)
          .containsExactly("b", "c", "d");
      assertThat(young.find(SpanQuery.builder().attribute("k", 1).build())).isEmpty();
      assertThat(young.scores("old")).isEmpty();
      assertThat(young.scores("stray")).isEmpty();
      assertThat(young.droppedSpans()).isEqualTo(1);
    }
  }

  @Test
  void add_randomisedFromManyThreads_neitherLosesCountNorExceedsBound() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (SpanStore small = builder().maximumSpans(50).build()) {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        tasks.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 100; i++) { // threads meet in traces while they are deleted
                    small.add(List.of(span("t" + i, thread + "-" + i, i).build()));
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }

      int kept = small.find(SpanQuery.all()).size();
      assertThat(kept).isBetween(40, 60);
      assertThat(kept + small.droppedSpans()).isEqualTo(400);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void add_hostileObjects() {
    List<Object> cyclic = new ArrayList<>();
    cyclic.add("before");
    cyclic.add(cyclic);
    Object throwing =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    store.add(List.of(span("t", "a", 0).input(cyclic).output(throwing).build()));
    for (String usd : List.of("much", "1E+99", "1E+999999999", "1E-999999999", "-1E+40")) {
      store.add(
          List.of(span("t", usd, 0).attributes(Attributes.of("agentops.cost.usd", usd)).build()));
    }

    assertThat(store.find(SpanQuery.builder().text("before").build()))
        .extracting(Span::spanId)
        .containsExactly("a");
    assertThat(store.find(SpanQuery.builder().minimumCost(Cost.usd("1")).build()))
        .extracting(Span::spanId)
        .containsExactly("1E+99"); // what is no amount is not found by one
  }

  @Test
  void add_fails_whatWasToBeWrittenIsInNoException() throws Exception {
    refuseSpans();
    Span secret = span("secret-trace", "a", 0).input("SECRET prompt").output("SECRET").build();

    AgentOpsException failure =
        catchThrowableOfType(
            AgentOpsException.class, () -> store.add(List.of(secret, secret, secret)));

    assertThat(failure).hasMessageStartingWith("the database of the span store failed: ");
    List<Throwable> told = new ArrayList<>(List.of(failure));
    for (int i = 0; i < told.size(); i++) { // grows meanwhile
      Throwable each = told.get(i);
      assertThat(each.toString()).doesNotContainIgnoringCase("secret");
      assertThat(each).isNotInstanceOf(BatchUpdateException.class);
      told.addAll(List.of(each.getSuppressed()));
      if (each.getCause() != null) {
        told.add(each.getCause());
      }
      if (each instanceof SQLException sql && sql.getNextException() != null) {
        told.add(sql.getNextException());
      }
    }
    StringWriter logged = new StringWriter();
    failure.printStackTrace(new PrintWriter(logged));
    assertThat(logged.toString()).doesNotContainIgnoringCase("secret").contains("executeBatch");
  }

  @Test
  void find_minimumCostBelowAPicoDollar_findsWhatCostAnything() {
    store.add(
        List.of(
            span("t", "free", 0).build(),
            span("t", "zero", 1).attributes(Attributes.of("agentops.cost.usd", "0")).build(),
            span("t", "tiny", 2).attributes(Attributes.of("agentops.cost.usd", "1E-14")).build(),
            span("t", "dear", 3).attributes(Attributes.of("agentops.cost.usd", "1")).build()));

    assertThat(store.find(SpanQuery.builder().minimumCost(Cost.usd("1E-15")).build()))
        .extracting(Span::spanId)
        .containsExactly("tiny", "dear");
  }

  @Test
  void addScore_countsForMaximumBytes() {
    try (SpanStore small = builder().maximumBytes(1_000_000).build()) {
      for (int i = 0; i < 50; i++) {
        small.add(List.of(span("t" + i, "s" + i, i).build()));
        small.addScore(Score.builder("t" + i, "n").value(1).comment("x".repeat(100_000)).build());
      }

      assertThat(small.find(SpanQuery.all()).size()).isBetween(7, 12);
      assertThat(small.scores("t0")).isEmpty();
    }
  }

  @Test
  void addScore_isBounded() {
    for (int i = 0; i < JdbcSpanStore.MAXIMUM_SCORES + 5; i++) {
      store.addScore(Score.of("t", "n", i));
    }

    assertThat(store.scores("t")).hasSize(JdbcSpanStore.MAXIMUM_SCORES);
  }
}
