package dev.agentops.tracing.conformance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the span of each expected one: best where it belongs, else wherever it is. */
final class Matching {

  private final Map<String, List<RecordedSpan>> byTarget = new HashMap<>();
  private final Map<String, List<RecordedSpan>> byParent = new HashMap<>();
  private final Map<Expected, RecordedSpan> spans = new IdentityHashMap<>();
  private final Set<RecordedSpan> claimed = new HashSet<>();

  Matching(List<Expected> roots, Collection<RecordedSpan> found) {
    found.stream()
        .sorted(Comparator.comparing(RecordedSpan::start))
        .forEach(
            span -> {
              add(byTarget, key(span), span);
              add(byParent, span.parentId(), span);
            });
    Map<String, List<RecordedSpan>> rootsByTarget =
        byParent.getOrDefault(null, List.of()).stream()
            .collect(Collectors.groupingBy(Matching::key));
    for (Expected root : roots) {
      claimBest(
          root.target.equals(Expected.ANY)
              ? byParent.getOrDefault(null, List.of())
              : rootsByTarget.getOrDefault(key(root), List.of()),
          root);
    }
    roots.forEach(this::claimAnywhere);
  }

  /** The span of an expected one, or null. */
  RecordedSpan of(Expected expected) {
    return spans.get(expected);
  }

  boolean isClaimed(RecordedSpan span) {
    return claimed.contains(span);
  }

  private void claimUnder(String parentId, Expected expected) {
    claimBest(byParent.getOrDefault(parentId, List.of()), expected);
  }

  /** The same agent may be there several times: the right one is known by what it did. */
  private void claimBest(List<RecordedSpan> spans, Expected expected) {
    List<RecordedSpan> candidates =
        spans.stream().filter(span -> expected.matches(span) && !claimed.contains(span)).toList();
    candidates.stream()
        .filter(span -> hasChildren(span, expected))
        .findFirst()
        .or(() -> candidates.stream().findFirst())
        .ifPresent(span -> claim(span, expected));
  }

  private boolean hasChildren(RecordedSpan span, Expected expected) {
    List<RecordedSpan> children = byParent.getOrDefault(span.spanId(), List.of());
    return expected.children.stream().allMatch(child -> children.stream().anyMatch(child::matches));
  }

  private void claim(RecordedSpan span, Expected expected) {
    claimed.add(span);
    spans.put(expected, span);
    expected.children.forEach(child -> claimUnder(span.spanId(), child));
  }

  private void claimAnywhere(Expected expected) {
    if (!spans.containsKey(expected)) {
      byTarget.getOrDefault(key(expected), List.of()).stream()
          .filter(span -> !claimed.contains(span))
          .findFirst()
          .ifPresent(span -> claim(span, expected));
    }
    expected.children.forEach(this::claimAnywhere);
  }

  private static void add(Map<String, List<RecordedSpan>> index, String key, RecordedSpan span) {
    index.computeIfAbsent(key, unused -> new ArrayList<>()).add(span);
  }

  private static String key(RecordedSpan span) {
    return span.operation() + ' ' + span.target();
  }

  private static String key(Expected expected) {
    return expected.operation + ' ' + expected.target;
  }
}
