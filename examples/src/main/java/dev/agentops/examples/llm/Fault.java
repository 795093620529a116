package dev.agentops.examples.llm;

import org.jspecify.annotations.Nullable;

/**
 * A way to break an answer on purpose, set by an HTTP header of one request or, for every request,
 * by {@link LocalLlm.Builder#fault(Fault, String)}. A header wins over the builder.
 */
public enum Fault {
  /** Answers with this HTTP status, 400 to 599, and an error body. */
  STATUS("X-Fault-Status", 400, 599),

  /** Seconds told in the {@code Retry-After} header; needs {@link #STATUS}. */
  RETRY_AFTER("X-Fault-Retry-After", 0, 86_400),

  /** Milliseconds to wait before answering, at most five minutes. */
  DELAY_MS("X-Fault-Delay-Ms", 0, 300_000),

  /**
   * Sends this many chunks of a stream and then nothing until the client goes away, at most five
   * minutes. An answer that is not streamed counts as one chunk that is never sent.
   */
  STALL_AFTER_CHUNKS("X-Fault-Stall-After-Chunks", 0, 1_000_000),

  /**
   * Sends this many chunks of a stream and then closes the connection. An answer that is not
   * streamed counts as one chunk that is never sent.
   */
  CUT_AFTER_CHUNKS("X-Fault-Cut-After-Chunks", 0, 1_000_000),

  /** Breaks only the first so many requests that carry the same {@link #KEY}. */
  TIMES("X-Fault-Times", 1, 1_000_000),

  /** Any text that names the group of requests {@link #TIMES} counts; absent is a group too. */
  KEY("X-Fault-Key", 0, 0);

  private final String header;
  private final int min;
  private final int max;

  Fault(String header, int min, int max) {
    this.header = header;
    this.min = min;
    this.max = max;
  }

  /** Returns the name of the HTTP header that sets this knob. */
  public String header() {
    return header;
  }

  /**
   * Reads a whole number in this knob's range, or {@code absent} when there is no value.
   *
   * @throws IllegalArgumentException if the value is no number or out of range
   */
  int number(@Nullable String value, int absent) {
    if (value == null) {
      return absent;
    }
    try {
      int number = Integer.parseInt(value.trim());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(complaint(value), e);
    }
    throw new IllegalArgumentException(complaint(value));
  }

  private String complaint(String value) {
    return "%s must be a whole number from %d to %d: '%s'".formatted(header, min, max, value);
  }
}
