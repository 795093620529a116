package dev.agentops.cache;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Makes any text a key that every level takes: a long key, or one that is not well-formed UTF-16,
 * is its beginning and a SHA-256 of the whole. So is one that looks like that already, lest it be
 * taken for the key that it looks like.
 */
final class CacheKeys {

  /** Characters of the longest key that is left as it is. */
  static final int LONGEST = 256;

  /** Characters of a longer key's beginning that stay readable, for {@code deleteByPrefix}. */
  static final int BEGINNING = 160;

  private static final int HASH_DIGITS = 64;
  private static final String HEX_DIGITS = "0123456789abcdef";

  private CacheKeys() {}

  static String of(String key) {
    boolean fits = key.length() <= LONGEST && isWellFormed(key) && !looksShortened(key);
    return fits ? key : shortened(key);
  }

  /** The prefix that all keys with this one begin with after {@link #of}. */
  static String prefix(String prefix) {
    String beginning = prefix.length() <= BEGINNING ? prefix : prefix.substring(0, BEGINNING);
    int end = 0;
    while (end < beginning.length() && !isLone(beginning, end)) {
      end++;
    }
    return beginning.substring(0, end);
  }

  private static boolean looksShortened(String key) {
    int hash = key.length() - HASH_DIGITS;
    if (hash < 1 || key.charAt(hash - 1) != '#') {
      return false;
    }
    for (int i = hash; i < key.length(); i++) {
      if (HEX_DIGITS.indexOf(key.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  private static String shortened(String key) {
    return prefix(key) + '#' + HexFormat.of().formatHex(sha256(key));
  }

  static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isLone(text, i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLone(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  static byte[] sha256(String text) {
    try {
      // not getBytes, to which halves of surrogate pairs are all alike
      ByteBuffer utf16 = ByteBuffer.allocate(2 * text.length());
      utf16.asCharBuffer().put(text);
      return MessageDigest.getInstance("SHA-256").digest(utf16.array());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }
}
