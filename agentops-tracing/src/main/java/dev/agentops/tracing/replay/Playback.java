package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.tracing.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far a replay has come: finds the recorded call for each call that comes, by content first and
 * by order among equals, and remembers where the two first differed. Thread-safe.
 */
final class Playback {

  /** A fork step that no run reaches. */
  static final int NEVER = Integer.MAX_VALUE;

  private static final int LISTED = 5;

  private final Recording recording;
  private final UnaryOperator<String> normalise;
  private final boolean strict;
  private final boolean inOrder;
  private final int forkStep;
  private final List<RecordedCall> open;
  private final Set<String> playedTools = new HashSet<>();

  /** Made, or left out as parts of a recorded tool call. */
  private int modelCalls;

  private boolean forked;
  private @Nullable Divergence divergence;

  Playback(
      Recording recording,
      UnaryOperator<String> normalise,
      boolean strict,
      boolean inOrder,
      int forkStep) {
    this.recording = recording;
    this.normalise = normalise;
    this.strict = strict;
    this.inOrder = inOrder;
    this.forkStep = forkStep;
    this.open = new ArrayList<>(recording.calls());
  }

  /** From now on the tool's results come from the record, and its calls are waited for. */
  synchronized void play(String tool) {
    playedTools.add(tool);
  }

  /**
   * The recorded call that answers these messages; null where the live model is to.
   *
   * @throws ReplayDivergenceException if there is none
   */
  synchronized @Nullable RecordedCall modelCall(String messages) {
    failIfDiverged();
    JsonNode came = normalised(messages);
    List<RecordedCall> recorded = open.stream().filter(RecordedCall::isModelCall).toList();
    List<RecordedCall> candidates =
        recorded.stream().filter(each -> each.step() < forkStep).toList();
    Optional<RecordedCall> equal = firstEqual(candidates, came);
    if (equal.isPresent()) {
      return takeEqual(equal.get());
    }
    boolean allCame = candidates.stream().allMatch(RecordedCall::endedBeforeTheModel);
    // of parallel agents, one may be at the fork while another is not
    if (forkStep != NEVER && (allCame || firstEqual(recorded, came).isPresent())) {
      forked = true;
      return null;
    }
    // the longest conversation in common; the earliest of several
    Optional<RecordedCall> closest =
        candidates.stream()
            .min(Comparator.comparing(each -> -Divergences.commonMessages(each.input(), came)));
    return goOnAfter(
        closest
            .map(each -> Divergences.between(each, came))
            .orElseGet(() -> Divergences.modelCallTooMany(modelCalls, came)),
        closest);
  }

  /**
   * The recorded call that answers a tool call; null where the live tool is to.
   *
   * @param live whether there is a live tool for the time after the fork
   * @throws ReplayDivergenceException if there is none
   */
  synchronized @Nullable RecordedCall toolCall(
      String tool, @Nullable String id, @Nullable String arguments, boolean live) {
    failIfDiverged();
    if (live && forked) {
      return null;
    }
    JsonNode came = normalised(arguments);
    List<RecordedCall> candidates = open.stream().filter(each -> tool.equals(each.tool())).toList();
    Optional<RecordedCall> equal =
        firstEqual(candidates.stream().filter(each -> each.hasId(id)).toList(), came)
            .or(() -> firstEqual(candidates, came));
    if (equal.isPresent()) {
      return takeEqual(equal.get());
    }
    Optional<RecordedCall> closest = candidates.stream().findFirst();
    return goOnAfter(
        closest
            .map(each -> Divergences.between(each, came))
            .orElseGet(() -> Divergences.toolCallTooMany(tool, modelCalls - 1, came, nextTool())),
        closest);
  }

  /** Remembers a divergence, if it is the first. */
  synchronized void note(Divergence found) {
    if (divergence == null) {
      divergence = found;
    }
  }

  synchronized Optional<Divergence> divergence() {
    return Optional.ofNullable(divergence);
  }

  /** The recorded calls that should have come and have not, in the order of the record. */
  synchronized List<Span> remaining() {
    return waitedFor().stream().map(RecordedCall::span).toList();
  }

  synchronized void verifyFinished() {
    if (divergence != null) {
      throw new ReplayDivergenceException(divergence);
    }
    List<RecordedCall> missing = waitedFor();
    if (!missing.isEmpty()) {
      String list =
          missing.stream()
              .limit(LISTED)
              .map(RecordedCall::describe)
              .collect(Collectors.joining(", "));
      throw new ReplayDivergenceException(
          new Divergence(
              missing.get(0).step(),
              missing.get(0).describe(),
              missing.size()
                  + " more calls ("
                  + list
                  + (missing.size() > LISTED ? ", ..." : "")
                  + ')',
              "the end of the run"));
    }
  }

  private void failIfDiverged() {
    if (strict && divergence != null) { // an AI service may have turned the first one into text
      throw new ReplayDivergenceException(divergence);
    }
  }

  private RecordedCall goOnAfter(Divergence found, Optional<RecordedCall> closest) {
    note(found);
    if (strict || closest.isEmpty()) {
      throw new ReplayDivergenceException(found);
    }
    return take(closest.get());
  }

  private static Optional<RecordedCall> firstEqual(List<RecordedCall> candidates, JsonNode came) {
    return candidates.stream()
        .filter(each -> JsonDifference.between(each.input(), came) == null)
        .findFirst();
  }

  private RecordedCall takeEqual(RecordedCall call) {
    Optional<RecordedCall> overtaken =
        open.stream()
            .takeWhile(each -> inOrder && each != call)
            .filter(this::isWaitedFor)
            .findFirst();
    if (overtaken.isPresent()) {
      Divergence found = Divergences.tooEarly(call, overtaken.get());
      note(found);
      if (strict) {
        throw new ReplayDivergenceException(found);
      }
    }
    return take(call);
  }

  private RecordedCall take(RecordedCall call) {
    open.removeIf(each -> each == call);
    if (call.isModelCall()) {
      modelCalls++;
    } else {
      Set<String> parts = recording.below(call.span());
      modelCalls +=
          (int)
              open.stream()
                  .filter(each -> each.isModelCall() && parts.contains(each.span().spanId()))
                  .count();
      open.removeIf(each -> parts.contains(each.span().spanId()));
    }
    return call;
  }

  private List<RecordedCall> waitedFor() {
    return open.stream().filter(this::isWaitedFor).toList();
  }

  private boolean isWaitedFor(RecordedCall call) {
    return call.step() < forkStep
        && !call.endedBeforeTheModel()
        && (call.isModelCall() || playedTools.contains(call.tool()));
  }

  private @Nullable RecordedCall nextTool() {
    return open.stream().filter(each -> !each.isModelCall()).findFirst().orElse(null);
  }

  private JsonNode normalised(@Nullable String text) {
    return Json.mapTexts(Json.valueOf(text), normalise);
  }
}
