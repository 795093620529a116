package dev.agentops.cost;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells one content from another in a version. */
final class ContentHash {

  private static final int BYTES = 6;

  private ContentHash() {}

  /** The first 12 hexadecimal digits of the SHA-256. */
  static String of(byte[] content) {
    return whole(content).substring(0, 2 * BYTES);
  }

  /** The SHA-256 in hexadecimal digits. */
  static String whole(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
