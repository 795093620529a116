package dev.agentops.tracing.replay;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A trace as an indented tree of text, a span a line, with its duration, status, cost and tokens.
 * Without content: it may be logged.
 */
public final class TraceText {

  private static final int MAXIMUM_LINES = 200;
  private static final int MAXIMUM_INDENT = 20;
  private static final double NANOS_PER_MILLISECOND = 1e6;
  private static final Duration SECONDS_FROM = Duration.ofSeconds(10);

  private final Map<String, List<Span>> children = new HashMap<>();
  private final Set<String> seen = new HashSet<>();
  private final List<String> lines = new ArrayList<>();

  private TraceText() {}

  /**
   * The tree; lines are separated by {@code \n}, and the last one has none. After {@value
   * #MAXIMUM_LINES} spans the rest is only counted.
   */
  public static String of(Trace trace) {
    TraceText text = new TraceText();
    for (Span span : trace.spans()) {
      text.children
          .computeIfAbsent(String.valueOf(span.parentSpanId()), id -> new ArrayList<>())
          .add(span);
    }
    text.lines.add(
        "trace "
            + trace.traceId()
            + "  "
            + trace.status()
            + "  "
            + duration(trace.duration())
            + (trace.cost().isZero() ? "" : "  " + trace.cost())
            + tokens(trace.inputTokens(), trace.outputTokens()));
    trace.roots().forEach(root -> text.add(root, 1));
    int more = trace.spans().size() - text.seen.size();
    return String.join("\n", text.lines) + (more > 0 ? "\n  ... and " + more + " more spans" : "");
  }

  private void add(Span span, int depth) {
    if (seen.size() == MAXIMUM_LINES || !seen.add(span.spanId())) { // a circle
      return;
    }
    String cost = span.cost().map(each -> "  " + each).orElse("");
    String error = Calls.text(span, GenAiAttributes.ERROR_TYPE);
    lines.add(
        "  ".repeat(Math.min(depth, MAXIMUM_INDENT))
            + span.name()
            + "  "
            + duration(span.duration())
            + (span.status() == SpanStatus.OK ? "" : "  " + span.status())
            + (error == null ? "" : " (" + error + ')')
            + cost
            + tokens(span.inputTokens(), span.outputTokens()));
    children.getOrDefault(span.spanId(), List.of()).forEach(child -> add(child, depth + 1));
  }

  private static String tokens(long input, long output) {
    return input == 0 && output == 0 ? "" : "  " + input + " + " + output + " tokens";
  }

  private static String duration(Duration duration) {
    return duration.compareTo(SECONDS_FROM) < 0
        ? String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / NANOS_PER_MILLISECOND)
        : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
