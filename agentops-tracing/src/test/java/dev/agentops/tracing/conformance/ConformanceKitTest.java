package dev.agentops.tracing.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.tracing.conformance.Problem.Kind;
import dev.agentops.tracing.conformance.RecordedSpan.Status;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit finds what is wrong with a tracer that only listens, and with spans that are altered. */
class ConformanceKitTest {

  @ParameterizedTest
  @EnumSource(names = {"NONE", "EXCEPTION", "LISTENER_THROWS"})
  void listenerOnly_chatOnItsThread_isRight(Fault fault) {
    assertThat(kinds(plan -> new ChatStep(plan, Body.empty(), fault))).isEmpty();
  }

  @Test
  void listenerOnly_error_leaks() {
    assertThat(kinds(plan -> new ChatStep(plan, Body.empty(), Fault.ERROR)))
        .containsOnly(Kind.NEVER_ENDED);
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "REFUSED_WITH_ERROR", "CANCELLED", "STALLS", "CALLBACK_KILLS"})
  void listenerOnly_streamThatIsNotToldToEnd_leaks(Fault fault) {
    assertThat(kinds(plan -> new StreamStep(plan, fault))).containsOnly(Kind.NEVER_ENDED);
  }

  @Test
  void listenerOnly_refusalInALaterRound_leaks() {
    assertThat(
            kinds(
                plan ->
                    new StreamingServiceStep(
                        plan, List.of(tools(plan)), false, Fault.REFUSED_LATER, true)))
        .contains(Kind.NEVER_ENDED);
  }

  @Test
  void listenerOnly_roundOnTheProvidersThread_isAnOrphan() {
    assertThat(
            kinds(
                plan ->
                    new TurnStep(
                        plan,
                        Body.of(
                            new StreamingServiceStep(
                                plan, List.of(tools(plan)), false, Fault.NONE, true)),
                        Fault.NONE)))
        .contains(Kind.WRONG_PARENT, Kind.WRONG_TRACE, Kind.MISSING);
  }

  @Test
  void listenerOnly_tools_areMissing() {
    assertThat(kinds(plan -> new SyncServiceStep(plan, List.of(tools(plan)), false, Fault.NONE)))
        .containsOnly(Kind.MISSING);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"INLINE"},
      mode = EnumSource.Mode.EXCLUDE)
  void listenerOnly_handOver_isAnOrphan(Carrier carrier) {
    assertThat(
            kinds(
                plan ->
                    new TurnStep(
                        plan,
                        Body.empty().then(new ChatStep(plan, Body.empty(), Fault.NONE), carrier),
                        Fault.NONE)))
        .containsOnly(Kind.WRONG_PARENT, Kind.WRONG_TRACE);
  }

  @Test
  void listenerOnly_workflowsAndAgents_areMissing() {
    Subject subject = new ListenerOnlySystems();

    assertThat(
            kinds(
                Trial.of(
                    subject,
                    plan -> new AgenticStep(plan, AgenticStep.Shape.SEQUENCE, Fault.NONE))))
        .containsOnly(Kind.MISSING);
  }

  @Test
  void listenerOnly_madeUpPlans_failAndNameTheirSeed() {
    Trial.Result result =
        Trial.madeUp(
            () ->
                new ListenerOnlySubject() {
                  @Override
                  public boolean supports(Feature feature) {
                    return feature != Feature.STALLED_STREAMS; // not to wait for what never comes
                  }
                },
            7,
            100);

    assertThat(result.problems())
        .extracting(Problem::kind)
        .contains(Kind.MISSING, Kind.NEVER_ENDED, Kind.WRONG_PARENT, Kind.WRONG_TRACE);
    assertThat(result.report()).contains("plan seed", "expected:", "found:", "ended 0x");
  }

  @Test
  void seed_givesTheSamePlanAgain() {
    Subject subject = new ListenerOnlySubject();
    for (long seed = 0; seed < 200; seed++) {
      assertThat(Planner.plan(seed, subject).roots())
          .hasToString(Planner.plan(seed, subject).roots().toString());
    }
    assertThat(Planner.plan(1, subject).roots())
        .doesNotHaveToString(Planner.plan(2, subject).roots().toString());
  }

  @Test
  void lostSpan_isFound() {
    assertThat(kindsWhen(spans -> spans.subList(0, 1))).containsOnly(Kind.MISSING);
  }

  @Test
  void spanOfNothing_isFound() {
    assertThat(
            kindsWhen(
                spans -> {
                  List<RecordedSpan> more = new ArrayList<>(spans);
                  more.add(altered(spans.get(0)).id("other").trace("other").span());
                  return more;
                }))
        .containsOnly(Kind.EXTRA);
  }

  @Test
  void spanThatEndedTwice_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).ends(2).span())))
        .containsOnly(Kind.ENDED_TWICE);
  }

  @Test
  void spanThatIsOpen_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).ends(0).span())))
        .containsOnly(Kind.NEVER_ENDED);
  }

  @Test
  void wrongParent_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).parent("gone").span())))
        .containsOnly(Kind.WRONG_PARENT);
  }

  @Test
  void wrongTrace_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).trace("other").span())))
        .containsOnly(Kind.WRONG_TRACE);
  }

  @Test
  void wrongStatus_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).status(Status.CANCELLED).span())))
        .containsOnly(Kind.WRONG_STATUS);
  }

  @Test
  void wrongErrorType_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).errorType("Other").span())))
        .containsOnly(Kind.WRONG_ERROR_TYPE);
  }

  @Test
  void spanWithoutDuration_isFound() {
    assertThat(kindsWhen(last(span -> altered(span).end(span.start()).span())))
        .containsOnly(Kind.WRONG_TIME);
    assertThat(kindsWhen(last(span -> altered(span).start(span.end()).span())))
        .containsOnly(Kind.WRONG_TIME);
  }

  @Test
  void swallowedException_isFound() {
    Subject subject =
        new ListenerOnlySubject() {
          @Override
          public ChatModel wrap(ChatModel model) {
            ChatModel listened = super.wrap(model);
            return new ChatModel() {
              @Override
              public ChatResponse chat(ChatRequest request) {
                try {
                  return listened.chat(request);
                } catch (RuntimeException e) {
                  return Stage.answer("all is well");
                }
              }
            };
          }
        };

    assertThat(kinds(Trial.of(subject, plan -> new ChatStep(plan, Body.empty(), Fault.EXCEPTION))))
        .containsOnly(Kind.WORK_DISTURBED);
  }

  private static Set<Kind> kinds(Trial.Script script) {
    return kinds(Trial.of(new ListenerOnlySubject(), script, 0));
  }

  /** What is found wrong with a turn that calls a model once, its spans altered. */
  private static Set<Kind> kindsWhen(UnaryOperator<List<RecordedSpan>> alteration) {
    Subject subject =
        new ListenerOnlySubject() {
          @Override
          public List<RecordedSpan> spans() {
            return alteration.apply(super.spans());
          }
        };
    return kinds(
        Trial.of(
            subject,
            plan ->
                new TurnStep(
                    plan, Body.of(new ChatStep(plan, Body.empty(), Fault.NONE)), Fault.NONE)));
  }

  private static Set<Kind> kinds(Trial.Result result) {
    return result.problems().stream().map(Problem::kind).collect(Collectors.toSet());
  }

  private static UnaryOperator<List<RecordedSpan>> last(UnaryOperator<RecordedSpan> alteration) {
    return spans -> List.of(spans.get(0), alteration.apply(spans.get(1)));
  }

  private static List<ToolStep> tools(Plan plan) {
    return List.of(new ToolStep(plan, Body.empty(), Fault.NONE));
  }

  private static Alteration altered(RecordedSpan span) {
    return new Alteration(span);
  }

  private static final class ListenerOnlySystems extends ListenerOnlySubject
      implements AgenticSubject {}

  /** A span in which something is otherwise. */
  private record Alteration(RecordedSpan span) {

    Alteration id(String id) {
      return with(span.traceId(), id, span.parentId(), span.start(), span.end());
    }

    Alteration trace(String traceId) {
      return with(traceId, span.spanId(), span.parentId(), span.start(), span.end());
    }

    Alteration parent(String parentId) {
      return with(span.traceId(), span.spanId(), parentId, span.start(), span.end());
    }

    Alteration start(Instant start) {
      return with(span.traceId(), span.spanId(), span.parentId(), start, span.end());
    }

    Alteration end(Instant end) {
      return with(span.traceId(), span.spanId(), span.parentId(), span.start(), end);
    }

    Alteration status(Status status) {
      return with(status, span.errorType(), span.ends());
    }

    Alteration errorType(String errorType) {
      return with(span.status(), errorType, span.ends());
    }

    Alteration ends(int ends) {
      return with(span.status(), span.errorType(), ends);
    }

    private Alteration with(
        String traceId, String spanId, String parentId, Instant start, Instant end) {
      return new Alteration(
          new RecordedSpan(
              traceId,
              spanId,
              parentId,
              span.operation(),
              span.target(),
              start,
              end,
              span.status(),
              span.errorType(),
              span.ends()));
    }

    private Alteration with(Status status, String errorType, int ends) {
      return new Alteration(
          new RecordedSpan(
              span.traceId(),
              span.spanId(),
              span.parentId(),
              span.operation(),
              span.target(),
              span.start(),
              span.end(),
              status,
              errorType,
              ends));
    }
  }
}
