package dev.agentops.guard;

import dev.agentops.Clock;
import dev.agentops.Cost;
import java.time.Duration;

/**
 * How much of one limit is used.
 *
 * @param allowed what the limit allows, as text in its unit
 * @param used what is used of it, the same way
 * @param detail as a sentence
 */
record Reading(RunBound bound, String allowed, String used, String detail) {

  static Reading calls(RunBound bound, long most, long used, String what) {
    return count(bound, most, used, used + " " + what + " calls were made");
  }

  /**
   * As told.
   *
   * @param coming an estimate of what is under way
   */
  static Reading tokens(long most, long used, long coming) {
    return count(
        RunBound.TOKENS,
        most,
        used,
        used + " tokens used" + (coming > 0 ? ", and about " + coming + " more to come" : ""));
  }

  static Reading cost(Cost most, Cost used) {
    return new Reading(RunBound.COST, most.toString(), used.toString(), used + " spent");
  }

  static Reading duration(Duration most, Duration elapsed) {
    return new Reading(
        RunBound.DURATION,
        most.toString(),
        elapsed.toString(),
        "it has been going on for " + elapsed);
  }

  static Reading depth(long most, long depth) {
    return count(RunBound.DEPTH, most, depth, "an agent " + depth + " deep");
  }

  static Reading identical(long most, long times, String tool) {
    return count(
        RunBound.IDENTICAL_TOOL_CALLS,
        most,
        times,
        "'" + tool + "' with the same arguments " + times + " times in a row");
  }

  static Reading cycles(long most, long times, int length) {
    return count(
        RunBound.REPEATED_CYCLES,
        most,
        times,
        "the same cycle of " + length + " tool calls " + times + " times in a row");
  }

  static Reading stalled(long most, long answers) {
    return count(
        RunBound.STALLED_ANSWERS, most, answers, answers + " answers in a row brought nothing new");
  }

  /**
   * As told.
   *
   * @param norm of the agent
   * @param most so many times that, or the floor of all norms
   */
  static Reading velocity(double factor, long norm, long most, long now) {
    return new Reading(
        RunBound.TOKEN_VELOCITY,
        factor + " times the norm, " + most + " tokens a minute",
        now + " tokens a minute",
        now + " tokens in a minute, where busy runs of the agent use " + norm);
  }

  /** The part of a limit that is used; 1 is all of it. */
  static double share(Duration most, Duration elapsed) {
    return (double) Clock.nanos(elapsed) / Clock.nanos(most);
  }

  /** As {@link #share(Duration, Duration)}. */
  static double share(Cost most, Cost used) {
    return used.usd().doubleValue() / most.usd().doubleValue();
  }

  private static Reading count(RunBound bound, long most, long used, String detail) {
    return new Reading(bound, Long.toString(most), Long.toString(used), detail);
  }
}
