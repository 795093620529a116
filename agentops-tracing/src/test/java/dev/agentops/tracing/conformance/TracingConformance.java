package dev.agentops.tracing.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentops.tracing.conformance.Subject.Feature;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a tracer of LangChain4j has to do right: every piece of work gets one span, which begins and
 * ends with it, once, under its true parent and with its true status, whatever goes wrong and on
 * whatever thread it runs.
 *
 * <p>To be extended with the {@link Subject}. Next to one test for each case in which listeners are
 * not enough, {@value #RUNS} plans are made up from seeds and executed, many at a time: trees of
 * turns, models, streams, tools and AI services with faults, across pools, virtual threads and
 * Reactor. A failure names the plan, whose name is {@code seed} and its seed; {@code
 * -Dtracing.conformance.seed=<seed> -Dtracing.conformance.runs=1} repeats it.
 */
public abstract class TracingConformance {

  /** The system property that says how many made-up plans to run; 10,000 unless said. */
  public static final String RUNS = "tracing.conformance.runs";

  /** The system property that says the seed of the first made-up plan; 1 unless said. */
  public static final String SEED = "tracing.conformance.seed";

  /** A new subject, which the kit closes. */
  protected abstract Subject newSubject();

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR", "LISTENER_THROWS"})
  void chat(Fault fault) {
    verify(plan -> turn(plan, new ChatStep(plan, Body.empty(), fault)));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR"})
  void turn(Fault fault) {
    verify(plan -> new TurnStep(plan, Body.of(chat(plan)), fault));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR", "ERROR_RESULT"})
  void tool(Fault fault) {
    verify(plan -> turn(plan, new ToolStep(plan, Body.of(chat(plan)), fault)), Feature.TOOLS);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR"})
  void embedding(Fault fault) {
    verify(plan -> turn(plan, new EmbeddingStep(plan, Body.empty(), fault)), Feature.EMBEDDINGS);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR"})
  void retrieval(Fault fault) {
    verify(plan -> turn(plan, new RetrievalStep(plan, Body.empty(), fault)), Feature.RETRIEVAL);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "NONE",
        "LISTENER_THROWS",
        "REFUSED",
        "REFUSED_WITH_ERROR",
        "FAILS_AT_ONCE",
        "FAILS_MIDWAY",
        "CANCELLED",
        "CALLBACK_THROWS",
        "COMPLETION_THROWS",
        "ERROR_CALLBACK_THROWS"
      })
  void stream(Fault fault) {
    verify(plan -> turn(plan, new StreamStep(plan, fault)), Feature.STREAMING);
  }

  @ParameterizedTest
  @EnumSource(names = {"STALLS", "CALLBACK_KILLS"})
  void streamThatFallsSilent(Fault fault) {
    verify(
        plan -> turn(plan, new StreamStep(plan, fault)),
        Feature.STREAMING,
        Feature.STALLED_STREAMS);
  }

  @Test
  void streamThatOutlivesItsTurn() {
    verify(
        plan -> {
          Body body = Body.empty();
          for (int i = 0; i < 8; i++) {
            body.then(
                new StreamStep(plan, Body.empty(), Body.of(chat(plan)), Fault.NONE, true, false),
                Carrier.INLINE);
          }
          return new TurnStep(plan, body, Fault.NONE);
        },
        Feature.STREAMING);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "ERROR", "LISTENER_THROWS"})
  void service(Fault fault) {
    verify(
        plan -> turn(plan, new SyncServiceStep(plan, List.of(tools(plan, 1)), false, fault)),
        Feature.AI_SERVICES);
  }

  @Test
  void serviceWhoseToolThrowsAnError() {
    verify(
        plan ->
            new TurnStep(
                plan,
                Body.of(
                    new SyncServiceStep(
                        plan,
                        List.of(List.of(new ToolStep(plan, Body.empty(), Fault.ERROR))),
                        false,
                        Fault.NONE)),
                Fault.NONE),
        Feature.AI_SERVICES,
        Feature.TOOLS);
  }

  @Test
  void serviceWithConcurrentTools() {
    verify(
        plan ->
            turn(
                plan,
                new SyncServiceStep(
                    plan, List.of(tools(plan, 4), tools(plan, 2)), true, Fault.NONE)),
        Feature.AI_SERVICES,
        Feature.TOOLS);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "NONE",
        "LISTENER_THROWS",
        "REFUSED_LATER",
        "FAILS_AT_ONCE",
        "FAILS_MIDWAY",
        "FAILS_IGNORED",
        "CANCELLED",
        "CALLBACK_THROWS",
        "COMPLETION_THROWS",
        "ERROR_CALLBACK_THROWS",
        "UNSTARTED"
      })
  void streamingService(Fault fault) {
    verify(
        plan ->
            turn(plan, new StreamingServiceStep(plan, List.of(tools(plan, 2)), false, fault, true)),
        Feature.AI_SERVICES,
        Feature.STREAMING,
        Feature.TOOLS);
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "FAILS_IGNORED", "UNSTARTED"})
  void streamingServiceWithoutTools(Fault fault) {
    verify(
        plan -> turn(plan, new StreamingServiceStep(plan, List.of(), false, fault, true)),
        Feature.AI_SERVICES,
        Feature.STREAMING);
  }

  @Test
  void streamingServiceWithConcurrentTools() {
    verify(
        plan ->
            turn(
                plan,
                new StreamingServiceStep(
                    plan, List.of(tools(plan, 4), tools(plan, 2)), true, Fault.NONE, true)),
        Feature.AI_SERVICES,
        Feature.STREAMING,
        Feature.TOOLS);
  }

  @ParameterizedTest
  @EnumSource
  void handOver(Carrier carrier) {
    Feature[] features =
        carrier == Carrier.REACTOR ? new Feature[] {Feature.REACTOR} : new Feature[0];
    verify(
        plan -> {
          Body body = Body.of(chat(plan));
          for (int i = 0; i < 4; i++) {
            body.then(new TurnStep(plan, Body.of(chat(plan)), Fault.NONE), carrier);
          }
          return new TurnStep(plan, body.then(chat(plan), Carrier.INLINE), Fault.NONE);
        },
        features);
  }

  @Test
  void sameAgentTwiceAtOnce() {
    verify(
        plan -> {
          Body body = Body.empty();
          for (int i = 0; i < 4; i++) {
            body.then(
                new TurnStep(plan, "the same", Body.of(chat(plan), chat(plan)), Fault.NONE),
                Carrier.PARALLEL);
          }
          return new TurnStep(plan, body, Fault.NONE);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"POOL", "VIRTUAL"})
  void equalRequestsAtOnce(Carrier carrier) {
    verify(plan -> new EqualRequestsStep(plan, carrier));
  }

  @Test
  void madeUpPlans() {
    Trial.Result result =
        Trial.madeUp(this::newSubject, Long.getLong(SEED, 1), Integer.getInteger(RUNS, 10_000));

    assertThat(result.problems()).as(result::report).isEmpty();
    assertThat(result.spans()).isPositive();
  }

  private void verify(Trial.Script script, Feature... features) {
    Trial.Result result;
    try (Subject subject = newSubject()) {
      for (Feature feature : features) {
        assumeTrue(subject.supports(feature), () -> "the tracer does not promise " + feature);
      }
      result = Trial.of(subject, script);
    }
    assertThat(result.problems()).as(result::report).isEmpty();
  }

  private static Step turn(Plan plan, Step faulty) {
    // what comes after it shows whether it left the thread as it was
    return new TurnStep(plan, Body.of(chat(plan), faulty, chat(plan)), Fault.NONE);
  }

  private static Step chat(Plan plan) {
    return new ChatStep(plan, Body.empty(), Fault.NONE);
  }

  private static List<ToolStep> tools(Plan plan, int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> new ToolStep(plan, Body.of(chat(plan)), Fault.NONE))
        .toList();
  }
}
