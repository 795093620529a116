package dev.agentops.jdbc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes any text of Java one that every database takes. Stateless. */
public final class DbText {

  /** PostgreSQL's indexes take entries of up to 2,700 bytes; two such texts stay below that. */
  private static final int MAXIMUM_KEY = 256;

  private static final int KEPT = 128;

  private DbText() {}

  /** The text, with NUL and lone surrogates, which PostgreSQL refuses, as U+FFFD. */
  public static String clean(String text) {
    boolean harmless = true;
    for (int i = 0; i < text.length() && harmless; i++) {
      char c = text.charAt(i);
      harmless = c != 0 && !Character.isSurrogate(c);
    }
    return harmless
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE)
            .replace('\0', '\ufffd');
  }

  /**
   * A short text that stands for this one in columns that are compared: itself where it can be,
   * else its beginning and a hash of the whole.
   */
  public static String key(String text) {
    if (text.length() <= MAXIMUM_KEY && clean(text).equals(text)) {
      return text;
    }
    return clean(text.substring(0, Math.min(KEPT, text.length()))) + '#' + hash(text);
  }

  private static String hash(String text) {
    try {
      // not getBytes, which makes all lone surrogates the same
      ByteBuffer bytes = ByteBuffer.allocate(2 * text.length());
      bytes.asCharBuffer().put(text);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
