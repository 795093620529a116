package dev.agentops.tracing;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Makes the ids of traces and spans: lower-case hex, as W3C trace context wants them.
 *
 * <p>They need to be unique, not secret, hence the fast generator of the thread. Its seed is little
 * more than the time, so a salt of real randomness keeps processes apart that started in the same
 * moment.
 */
final class SpanIds {

  private static final Pattern W3C_TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
  private static final long SALT = new SecureRandom().nextLong();

  private SpanIds() {}

  /** 32 digits, never all zero. */
  static String newTraceId() {
    byte[] digits = new byte[32];
    write(random(), digits, 0);
    write(random(), digits, 16);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  /** 16 digits, never all zero. */
  static String newSpanId() {
    byte[] digits = new byte[16];
    write(random(), digits, 0);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  static boolean isW3cTraceId(String traceId) {
    return W3C_TRACE_ID.matcher(traceId).matches();
  }

  private static long random() {
    ThreadLocalRandom source = ThreadLocalRandom.current();
    long id = source.nextLong() ^ SALT;
    while (id == 0) {
      id = source.nextLong() ^ SALT;
    }
    return id;
  }

  private static void write(long value, byte[] digits, int from) {
    for (int i = 0; i < 16; i++) {
      digits[from + i] = HEX[(int) (value >>> (60 - 4 * i)) & 0xf];
    }
  }
}
