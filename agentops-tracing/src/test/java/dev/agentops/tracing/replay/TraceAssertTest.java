package dev.agentops.tracing.replay;

import static dev.agentops.tracing.replay.TraceAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanKind;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceAssertTest {

  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

  private final List<Span> spans = new ArrayList<>();

  @Test
  void allExpectations_thatAreMet_pass() {
    add(null, "invoke_agent", span -> {});
    chat(span -> {});
    tool("weather", "{\"city\": \"Oslo\"}");
    tool("time", "{}");
    chat(
        span ->
            span.output("[{\"role\":\"assistant\",\"parts\":[{\"content\":\"a \\\"b\\\"\"}]}]"));

    assertThat(trace())
        .calledTools("weather", "time")
        .calledToolsInAnyOrder("time", "weather")
        .called("time")
        .neverCalled("launch")
        .costBelow(Cost.usd("0.05"))
        .tokensBelow(31)
        .modelCallsAtMost(2)
        .fasterThan(Duration.ofSeconds(6))
        .hasNoLoop()
        .hasNoErrors()
        .hasStatus(SpanStatus.OK)
        .outputContains("a \"b\"");
  }

  @Test
  void toolThatCallsItself_isCalledTwice_oneInsideOfItsOwnSpanOnce() {
    add(null, "invoke_agent", span -> {});
    tool("0", "fibonacci", "c1");
    tool("1", "fibonacci", "c2");
    tool("0", "weather", "c3");
    tool("3", "weather", null);
    tool("3", "time", null);

    assertThat(trace()).calledTools("fibonacci", "fibonacci", "weather", "time");
  }

  @Test
  void expectation_thatIsNotMet_showsTheTraceAsATree() {
    add(null, "invoke_agent", span -> {});
    chat(span -> {});
    tool("weather", "{\"city\": \"Oslo\"}");
    add(
        "0",
        "chat",
        span ->
            span.name("chat gpt-4")
                .status(SpanStatus.ERROR)
                .error("java.io.IOException: secret")
                .attributes(Attributes.of(GenAiAttributes.ERROR_TYPE, "java.io.IOException")));

    assertThatThrownBy(() -> assertThat(trace()).calledTools("weather", "time"))
        .isExactlyInstanceOf(AssertionError.class)
        .hasMessage(
            """
            expected the tool calls [weather, time] but they were [weather]
            trace turn  OK  4000.0 ms  $0.02  10 + 5 tokens
              invoke_agent support  1000.0 ms
                chat gpt-4  1000.0 ms  $0.02  10 + 5 tokens
                execute_tool weather  1000.0 ms
                chat gpt-4  1000.0 ms  ERROR (java.io.IOException)\
            """);
  }

  @Test
  void eachExpectation_thatIsNotMet_fails() {
    add(null, "invoke_agent", span -> span.status(SpanStatus.ERROR).output("the answer"));
    chat(span -> {});
    tool("weather", "{}");
    TraceAssert trace = assertThat(trace());

    List<Consumer<TraceAssert>> expectations =
        List.of(
            each -> each.calledTools(),
            each -> each.calledToolsInAnyOrder("weather", "weather"),
            each -> each.called("time"),
            each -> each.neverCalled("time", "weather"),
            each -> each.costBelow(Cost.usd("0.02")),
            each -> each.tokensBelow(15),
            each -> each.modelCallsAtMost(0),
            each -> each.fasterThan(Duration.ofSeconds(3)),
            TraceAssert::hasNoErrors,
            each -> each.hasStatus(SpanStatus.OK),
            each -> each.outputContains("question"));

    for (Consumer<TraceAssert> each : expectations) {
      assertThatThrownBy(() -> each.accept(trace))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("invoke_agent support");
    }
  }

  @Test
  void unknownCostAndUsage_areNotZero() {
    add(null, "chat", span -> {});

    assertThatThrownBy(() -> assertThat(trace()).costBelow(Cost.usd("1")))
        .hasMessageContaining("1 model calls have no known cost");
    assertThatThrownBy(() -> assertThat(trace()).tokensBelow(1_000))
        .hasMessageContaining("1 model calls have no known usage");
    assertThatThrownBy(() -> assertThat(trace()).outputContains(""))
        .hasMessageContaining("none was captured");
  }

  @Test
  void outputContains_wordsOfTheJsonAroundTheMessages_fails() {
    add(
        null,
        "chat",
        span ->
            span.output(
                "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"hi\"}]}]"));

    assertThat(trace()).outputContains("hi");
    assertThatThrownBy(() -> assertThat(trace()).outputContains("assistant"))
        .hasMessageContaining("expected an output that contains 'assistant'");
  }

  @Test
  void answersOfACache_needNoCost() {
    add(null, "chat", span -> span.attributes(Attributes.of(GenAiAttributes.CACHED, true)));

    assertThat(trace()).costBelow(Cost.usd("1")).tokensBelow(1);
  }

  @ParameterizedTest
  @CsvSource({
    "aaaa, true",
    "aaa, false",
    "baaaab, true",
    "ababab, true",
    "ababa, false",
    "xabcabcabcx, true",
    "abcabcab, false",
    "abcdeabcdeabcde, true",
    "abcdefabcdefabcdef, false",
    "aabaabaab, true",
    "abacad, false",
    "'', false"
  })
  void hasNoLoop_callsInCircles_fails(String calls, boolean loop) {
    add(null, "invoke_agent", span -> {});
    calls.chars().forEach(tool -> tool(String.valueOf((char) tool), "{}"));

    if (loop) {
      assertThatThrownBy(() -> assertThat(trace()).hasNoLoop())
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("times in a row with equal arguments");
    } else {
      assertThatCode(() -> assertThat(trace()).hasNoLoop()).doesNotThrowAnyException();
    }
  }

  @Test
  void hasNoLoop_otherArguments_areOtherCalls() {
    IntStream.range(0, 20).forEach(page -> tool("read", "{\"page\": " + page + "}"));
    assertThat(trace()).hasNoLoop();

    IntStream.range(0, 4).forEach(i -> tool("read", " ".repeat(i) + "{\"page\": 7}"));
    assertThatThrownBy(() -> assertThat(trace()).hasNoLoop())
        .hasMessageContaining("[read] was called 4 times in a row");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 10_000})
  void text_ofManyOrDeepSpans_isBounded(int count) {
    add(null, "invoke_agent", span -> {});
    for (int i = 1; i < count; i++) {
      add(String.valueOf(i - 1), "step", span -> {});
    }

    String text = TraceText.of(trace());

    assertThat(text.lines().count()).isEqualTo(Math.min(count + 1, 202));
    assertThat(text.contains("and 9800 more spans")).isEqualTo(count == 10_000);
    assertThat(text.lines().mapToInt(String::length).max().orElseThrow()).isLessThan(100);
  }

  @Test
  void text_ofSpansInACircle_ends() {
    add("1", "a", span -> {});
    add("0", "b", span -> {});

    assertThat(TraceText.of(trace()).lines()).hasSize(3);
  }

  private Trace trace() {
    return Trace.of(spans);
  }

  private void chat(Consumer<Span.Builder> more) {
    add(
        "0",
        "chat",
        span -> {
          span.name("chat gpt-4")
              .attributes(
                  Attributes.of(
                      GenAiAttributes.USAGE_INPUT_TOKENS,
                      10,
                      GenAiAttributes.USAGE_OUTPUT_TOKENS,
                      5,
                      GenAiAttributes.COST_USD,
                      "0.02"));
          more.accept(span);
        });
  }

  private void tool(String name, String arguments) {
    add(
        "0",
        "execute_tool",
        span ->
            span.name("execute_tool " + name)
                .attributes(
                    Attributes.of(
                        GenAiAttributes.TOOL_NAME,
                        name,
                        GenAiAttributes.TOOL_CALL_ARGUMENTS,
                        arguments)));
  }

  private void tool(String parent, String name, @Nullable String id) {
    add(
        parent,
        "execute_tool",
        span -> {
          span.attributes(Attributes.of(GenAiAttributes.TOOL_NAME, name));
          if (id == null) {
            span.kind(SpanKind.CLIENT);
          } else {
            span.attributes(Attributes.of(GenAiAttributes.TOOL_CALL_ID, id));
          }
        });
  }

  /** A span of a second, a second after the one before. */
  private void add(String parent, String action, Consumer<Span.Builder> more) {
    Span.Builder span =
        Span.builder()
            .traceId("turn")
            .spanId(String.valueOf(spans.size()))
            .parentSpanId(parent)
            .agentName("support")
            .action(action)
            .attributes(Attributes.of(GenAiAttributes.OPERATION_NAME, action))
            .startTime(START.plusSeconds(spans.size()))
            .duration(Duration.ofSeconds(1));
    more.accept(span);
    spans.add(span.build());
  }
}
