package dev.agentops.examples.llm;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The faults asked of one request; a negative number means the knob is not set.
 *
 * @param status HTTP status to answer with
 * @param retryAfterSeconds value of the {@code Retry-After} header
 * @param delayMillis pause before the answer
 * @param stallAfter chunks to send before falling silent
 * @param cutAfter chunks to send before closing the connection
 * @param times how many requests of the key are broken
 * @param key name of the group that {@code times} counts
 */
record FaultKnobs(
    int status,
    int retryAfterSeconds,
    int delayMillis,
    int stallAfter,
    int cutAfter,
    int times,
    String key) {
  static final FaultKnobs NONE = new FaultKnobs(-1, -1, -1, -1, -1, -1, "");

  /**
   * Reads the knobs from a source that maps each to its text, or to null.
   *
   * @throws IllegalArgumentException if a value is out of range or useless without another
   */
  static FaultKnobs parse(Function<Fault, @Nullable String> source) {
    Map<Fault, Integer> numbers = new EnumMap<>(Fault.class);
    for (Fault fault : Fault.values()) {
      if (fault != Fault.KEY) {
        numbers.put(fault, fault.number(source.apply(fault), -1));
      }
    }
    int retryAfter = numbers.getOrDefault(Fault.RETRY_AFTER, -1);
    int status = numbers.getOrDefault(Fault.STATUS, -1);
    if (retryAfter >= 0 && status < 0) {
      throw new IllegalArgumentException(
          "%s needs %s: '%d'"
              .formatted(Fault.RETRY_AFTER.header(), Fault.STATUS.header(), retryAfter));
    }
    String key = source.apply(Fault.KEY);
    return new FaultKnobs(
        status,
        retryAfter,
        numbers.getOrDefault(Fault.DELAY_MS, -1),
        numbers.getOrDefault(Fault.STALL_AFTER_CHUNKS, -1),
        numbers.getOrDefault(Fault.CUT_AFTER_CHUNKS, -1),
        numbers.getOrDefault(Fault.TIMES, -1),
        key == null ? "" : key);
  }

  /** Tells whether the stream must fall silent once so many chunks are sent. */
  boolean stallsAt(int sent) {
    return stallAfter >= 0 && sent >= stallAfter;
  }

  /** Tells whether the connection must be closed once so many chunks are sent. */
  boolean cutsAt(int sent) {
    return cutAfter >= 0 && sent >= cutAfter;
  }
}
