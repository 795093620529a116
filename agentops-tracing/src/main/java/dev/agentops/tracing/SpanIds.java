package dev.agentops.tracing;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
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

  /** The digits of half a trace id or a whole span id; never zero. */
  static long next() {
    ThreadLocalRandom source = ThreadLocalRandom.current();
    long id = source.nextLong() ^ SALT;
    while (id == 0) {
      id = source.nextLong() ^ SALT;
    }
    return id;
  }

  /** 32 digits. */
  static String traceId(long high, long low) {
    byte[] digits = new byte[32];
    write(high, digits, 0);
    write(low, digits, 16);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  /** 16 digits. */
  static String spanId(long id) {
    byte[] digits = new byte[16];
    write(id, digits, 0);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  static boolean isW3cTraceId(String traceId) {
    return W3C_TRACE_ID.matcher(traceId).matches();
  }

  /** The last 16 digits of a trace id as a number; of any other text, one made of it. */
  static long lowOf(String traceId) {
    return isW3cTraceId(traceId)
        ? HexFormat.fromHexDigitsToLong(traceId, 16, 32)
        : traceId.hashCode() * 0x9E3779B97F4A7C15L; // spreads the hash over all bits
  }

  private static void write(long value, byte[] digits, int from) {
    for (int i = 0; i < 16; i++) {
      digits[from + i] = HEX[(int) (value >>> (60 - 4 * i)) & 0xf];
    }
  }
}
