package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.Problem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the spans that were to come of plans with those that were found. */
final class Verdict {

  private static final Comparator<RecordedSpan> BY_START =
      Comparator.comparing(RecordedSpan::start);

  private final List<Plan> plans;
  private final Duration tolerance;
  private final Map<String, RecordedSpan> byId = new HashMap<>();
  private final Matching matching;
  private final ClockShifts shifts = new ClockShifts();
  private final Map<String, String> planOfTrace = new HashMap<>();
  private final Set<String> names;
  private final List<Problem> problems = new ArrayList<>();
  private int expectedSpans;

  Verdict(List<Plan> plans, Collection<RecordedSpan> found, Duration tolerance) {
    this.plans = plans;
    this.tolerance = tolerance;
    this.names = plans.stream().map(Plan::name).collect(Collectors.toSet());
    for (RecordedSpan span : found) {
      if (byId.put(span.spanId(), span) != null) {
        add(Kind.EXTRA, null, "a second span with this id: " + span);
      }
    }
    matching = new Matching(plans.stream().flatMap(plan -> plan.roots().stream()).toList(), found);
    plans.forEach(plan -> plan.roots().forEach(this::observe));
    for (Plan plan : plans) {
      plan.unexpected().forEach(what -> addTo(plan, Kind.WORK_DISTURBED, what));
      plan.roots().forEach(root -> check(plan, root));
    }
    found.stream()
        .filter(span -> !matching.isClaimed(span))
        .forEach(span -> add(Kind.EXTRA, planOf(span), "nothing planned has this span: " + span));
  }

  List<Problem> problems() {
    return problems;
  }

  /** How many spans were to come, those left out that a tracer need not open. */
  int expectedSpans() {
    return expectedSpans;
  }

  /** The problems, counted by kind, and the trees of the first plans that have some. */
  String report(int most) {
    StringBuilder text = new StringBuilder();
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    Set<String> troubled = new LinkedHashSet<>();
    for (Problem problem : problems) {
      counts.merge(problem.kind(), 1, Integer::sum);
      troubled.add(problem.plan());
    }
    text.append(expectedSpans).append(" spans expected; problems: ").append(counts).append('\n');
    problems.stream()
        .filter(problem -> problem.plan() == null)
        .limit(most)
        .forEach(problem -> text.append("  ").append(problem).append('\n'));
    plans.stream()
        .filter(plan -> troubled.contains(plan.name()))
        .sorted(Comparator.comparingInt(Plan::size))
        .limit(most)
        .forEach(plan -> describe(plan, text));
    return text.toString();
  }

  private void describe(Plan plan, StringBuilder text) {
    text.append("plan ").append(plan.name()).append('\n');
    problems.stream()
        .filter(problem -> plan.name().equals(problem.plan()))
        .forEach(problem -> text.append("  ").append(problem).append('\n'));
    text.append("  expected:\n");
    plan.roots().forEach(root -> describe(root, "    ", text));
    text.append("  found:\n");
    Set<String> traces = new LinkedHashSet<>();
    byId.values().stream()
        .filter(span -> plan.name().equals(planOf(span)))
        .forEach(span -> traces.add(span.traceId()));
    byId.values().stream()
        .filter(span -> traces.contains(span.traceId()))
        .filter(span -> span.parentId() == null || !byId.containsKey(span.parentId()))
        .sorted(BY_START)
        .forEach(span -> describe(span, "    ", text));
  }

  private static void describe(Expected expected, String indent, StringBuilder text) {
    text.append(indent).append(expected).append('\n');
    expected.children.forEach(child -> describe(child, indent + "  ", text));
  }

  private void describe(RecordedSpan span, String indent, StringBuilder text) {
    boolean orphan = span.parentId() != null && !byId.containsKey(span.parentId());
    text.append(indent).append(span).append(orphan ? " child of what is not there" : "");
    text.append('\n');
    byId.values().stream()
        .filter(child -> span.spanId().equals(child.parentId()))
        .sorted(BY_START)
        .forEach(child -> describe(child, indent + "  ", text));
  }

  private void check(Plan plan, Expected expected) {
    RecordedSpan span = matching.of(expected);
    if (span == null) {
      if (!expected.isOptional()) {
        expectedSpans++;
        addTo(plan, Kind.MISSING, "no span for " + expected);
      }
    } else {
      expectedSpans++;
      checkPlace(plan, expected, span);
      checkEnd(plan, expected, span);
      checkTime(plan, "start", expected.earliestStart, span.start(), expected.latestStart, span);
      if (span.end() != null) {
        checkTime(plan, "end", expected.earliestEnd, span.end(), expected.latestEnd, span);
      }
    }
    expected.children.forEach(child -> check(plan, child));
  }

  private void checkPlace(Plan plan, Expected expected, RecordedSpan span) {
    RecordedSpan parent = matching.of(expected.parent);
    String parentId = parent == null ? null : parent.spanId();
    if (!Objects.equals(parentId, span.parentId())) {
      RecordedSpan found = byId.get(span.parentId());
      addTo(
          plan,
          Kind.WRONG_PARENT,
          span
              + " is a child of "
              + (found == null ? span.parentId() : found)
              + " and not of "
              + (parent == null ? "nothing" : parent));
    }
    if (parent != null && !parent.traceId().equals(span.traceId())) {
      addTo(plan, Kind.WRONG_TRACE, span + " is not in the trace of " + parent);
    }
    if (expected.parent.parent == null) {
      String other = planOfTrace.putIfAbsent(span.traceId(), expected.target);
      if (other != null) {
        addTo(plan, Kind.WRONG_TRACE, span + " is in the trace of " + other);
      }
    }
  }

  private void checkEnd(Plan plan, Expected expected, RecordedSpan span) {
    if (span.ends() == 0) {
      addTo(plan, Kind.NEVER_ENDED, span.toString());
      return;
    }
    if (span.ends() > 1) {
      addTo(plan, Kind.ENDED_TWICE, span.toString());
    }
    if (!expected.matchesStatus(span)) {
      addTo(plan, Kind.WRONG_STATUS, span + " in place of " + expected);
    }
    if (!expected.matchesErrorType(span)) {
      addTo(plan, Kind.WRONG_ERROR_TYPE, span + " in place of " + expected);
    }
  }

  private void checkTime(
      Plan plan, String what, Instant earliest, Instant told, Instant latest, RecordedSpan span) {
    Instant time = told.plus(shifts.of(span.traceId()));
    if (earliest != null && time.isBefore(earliest.minus(tolerance))) {
      addTo(plan, Kind.WRONG_TIME, what + " before " + earliest + ": " + span);
    }
    if (latest != null && time.isAfter(latest.plus(tolerance))) {
      addTo(plan, Kind.WRONG_TIME, what + " after " + latest + ": " + span);
    }
  }

  private void observe(Expected expected) {
    RecordedSpan span = matching.of(expected);
    if (span != null) {
      shifts.observe(span.traceId(), expected.earliestStart, span.start(), expected.latestStart);
      if (span.end() != null) {
        shifts.observe(span.traceId(), expected.earliestEnd, span.end(), expected.latestEnd);
      }
    }
    expected.children.forEach(this::observe);
  }

  private void addTo(Plan plan, Kind kind, String description) {
    add(kind, plan.name(), description);
  }

  private void add(Kind kind, String plan, String description) {
    problems.add(new Problem(kind, plan, description));
  }

  /** The plan in whose ids the target of the span is; null if none. */
  private String planOf(RecordedSpan span) {
    int dash = span.target().lastIndexOf('-');
    String name = dash < 0 ? "" : span.target().substring(0, dash);
    return names.contains(name) ? name : null;
  }
}
