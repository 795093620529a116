package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.Cost;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Expectations of a trace, each of which throws an {@link AssertionError} that shows the
 * {@linkplain TraceText trace as a tree} where it is not met.
 *
 * <p>Tool calls are told in the order in which they started.
 */
public final class TraceAssert {

  private final Trace trace;
  private final List<Span> calls;

  TraceAssert(Trace trace) {
    this.trace = Objects.requireNonNull(trace, "trace");
    this.calls = Calls.of(trace.spans());
  }

  /** These tools were called, as often and in the order given here, and no other. */
  public TraceAssert calledTools(String... names) {
    return check(
        toolNames().equals(List.of(names)),
        "expected the tool calls " + List.of(names) + " but they were " + toolNames());
  }

  /** These tools were called, as often as given here, in whatever order, and no other. */
  public TraceAssert calledToolsInAnyOrder(String... names) {
    return check(
        toolNames().stream().sorted().toList().equals(List.of(names).stream().sorted().toList()),
        "expected the tool calls " + List.of(names) + " in any order but they were " + toolNames());
  }

  /** Each of these tools was called at least once. */
  public TraceAssert called(String... names) {
    Set<String> missing = new TreeSet<>(List.of(names));
    toolNames().forEach(missing::remove);
    return check(
        missing.isEmpty(),
        "expected calls of " + missing + " but the tool calls were " + toolNames());
  }

  /** None of these tools was called. */
  public TraceAssert neverCalled(String... names) {
    Set<String> called = new TreeSet<>(List.of(names));
    called.retainAll(toolNames());
    return check(
        called.isEmpty(),
        "expected no call of " + called + " but the tool calls were " + toolNames());
  }

  /**
   * The model calls together cost less than this. Fails, too, where one that answered has no known
   * price: that is not nothing.
   */
  public TraceAssert costBelow(Cost limit) {
    long unknown = asked().stream().filter(call -> call.cost().isEmpty()).count();
    check(unknown == 0, unknown + " model calls have no known cost");
    return check(
        trace.cost().compareTo(limit) < 0,
        "expected a cost below " + limit + " but it was " + trace.cost());
  }

  /**
   * Fewer input and output tokens than this were used together. Fails, too, where the provider did
   * not tell those of a call that it answered.
   */
  public TraceAssert tokensBelow(long limit) {
    long unknown =
        asked().stream()
            .filter(call -> call.attribute(GenAiAttributes.USAGE_INPUT_TOKENS) == null)
            .count();
    check(unknown == 0, unknown + " model calls have no known usage");
    long tokens = trace.inputTokens() + trace.outputTokens();
    return check(
        tokens < limit, "expected fewer than " + limit + " tokens but there were " + tokens);
  }

  /** No more model calls than this were made, answers of caches and refusals included. */
  public TraceAssert modelCallsAtMost(int limit) {
    int made = modelCalls().size();
    return check(
        made <= limit, "expected at most " + limit + " model calls but there were " + made);
  }

  /** It took less than this from the first start to the last end. */
  public TraceAssert fasterThan(Duration limit) {
    return check(
        trace.duration().compareTo(limit) < 0,
        "expected it to take less than " + limit + " but it took " + trace.duration());
  }

  /**
   * No tool call, equal in name and arguments, was made more than three times in a row, and no
   * cycle of two to five of them three times in a row. Where arguments were not captured, calls of
   * one tool count as equal.
   */
  public TraceAssert hasNoLoop() {
    List<ToolCallKey> keys = new ArrayList<>();
    toolCalls()
        .forEach(
            call ->
                keys.add(
                    new ToolCallKey(
                        Calls.toolName(call), Json.valueOf(Calls.arguments(call)).toString())));
    ToolLoops.firstOf(keys)
        .ifPresent(
            loop ->
                fail(
                    "expected no loop but "
                        + loop.calls().stream().map(ToolCallKey::name).toList()
                        + " was called "
                        + loop.times()
                        + " times in a row with equal arguments"));
    return this;
  }

  /** No span failed, was refused or was abandoned. */
  public TraceAssert hasNoErrors() {
    List<String> failed =
        trace.spans().stream().filter(span -> span.status().isError()).map(Span::name).toList();
    return check(failed.isEmpty(), "expected no errors but these failed: " + failed);
  }

  /** The status of the whole trace. */
  public TraceAssert hasStatus(SpanStatus expected) {
    return check(
        trace.status() == expected,
        "expected the status " + expected + " but it was " + trace.status());
  }

  /**
   * The output of the root contains this text, or where it has none, that of the last model call.
   * The message does not quote the output.
   */
  public TraceAssert outputContains(String text) {
    Object output = trace.root().output();
    if (output == null) {
      output =
          modelCalls().stream()
              .map(Span::output)
              .filter(Objects::nonNull)
              .reduce((a, b) -> b)
              .orElse(null);
    }
    check(output != null, "expected an output that contains '" + text + "' but none was captured");
    return check(
        contains(String.valueOf(output), text),
        "expected an output that contains '" + text + "' but it does not");
  }

  /** Of messages as JSON, only what they say counts. */
  private static boolean contains(String output, String text) {
    JsonNode parts = Json.valueOf(output);
    return parts.isArray() && parts.path(0).has("parts")
        ? parts.findValuesAsText("content").stream().anyMatch(content -> content.contains(text))
        : output.contains(text);
  }

  private List<Span> modelCalls() {
    return calls.stream().filter(Calls::isModelCall).toList();
  }

  /** The model calls that a provider answered. */
  private List<Span> asked() {
    return modelCalls().stream()
        .filter(call -> call.status() == SpanStatus.OK)
        .filter(call -> call.attribute(GenAiAttributes.CACHED) == null)
        .toList();
  }

  private List<Span> toolCalls() {
    return calls.stream().filter(Calls::isToolCall).toList();
  }

  private List<String> toolNames() {
    return toolCalls().stream().map(Calls::toolName).toList();
  }

  private TraceAssert check(boolean met, String message) {
    if (!met) {
      fail(message);
    }
    return this;
  }

  private void fail(String message) {
    throw new AssertionError(message + "\n" + TraceText.of(trace));
  }

  private record ToolCallKey(String name, String arguments) {}
}
