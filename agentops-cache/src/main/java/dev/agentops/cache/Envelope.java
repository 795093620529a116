package dev.agentops.cache;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value's bytes as they lie in a store: a mark with the version of this layout, the wall-clock
 * time of writing, the time to live, and the payload.
 *
 * <p>With both times an entry's remaining life is never longer than its writer meant, however wrong
 * the clock of either side is.
 */
record Envelope(byte[] payload, Instant writtenAt, Duration timeToLive) {

  private static final int MARK = 0x414F4301; // "AOC", version 1
  private static final int HEADER_BYTES = Integer.BYTES + 2 * Long.BYTES;

  /** The envelope in these bytes, or null where they are not one of ours. */
  static @Nullable Envelope open(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt() != MARK) {
      return null;
    }
    Instant writtenAt = Instant.ofEpochMilli(in.getLong());
    long timeToLiveMillis = in.getLong();
    return timeToLiveMillis <= 0
        ? null
        : new Envelope(
            Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length),
            writtenAt,
            Duration.ofMillis(timeToLiveMillis));
  }

  byte[] seal() {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(MARK)
        .putLong(writtenAt.toEpochMilli())
        .putLong(millis(timeToLive))
        .put(payload)
        .array();
  }

  /** How much longer the value may be used; zero or negative when its time is over. */
  Duration remaining(Instant now) {
    Duration age = Duration.between(writtenAt, now);
    return age.isNegative() ? timeToLive : timeToLive.minus(age);
  }

  private static long millis(Duration timeToLive) {
    return timeToLive.compareTo(Duration.ofMillis(Long.MAX_VALUE)) < 0
        ? Math.max(1, timeToLive.toMillis())
        : Long.MAX_VALUE;
  }
}
