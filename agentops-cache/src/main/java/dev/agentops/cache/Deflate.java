package dev.agentops.cache;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Makes payloads smaller, and back, but never larger than they say and may be. Stateless. */
final class Deflate {

  private Deflate() {}

  /** The bytes compressed; as many bytes as were given where they do not become fewer. */
  static byte[] compress(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] out = new byte[bytes.length];
      int length = deflater.deflate(out);
      return deflater.finished() ? Arrays.copyOf(out, length) : out;
    } finally {
      deflater.end(); // its memory is not the heap's
    }
  }

  /**
   * The bytes that were compressed.
   *
   * @param length how many there are to be
   * @param maximum how many there may be
   * @throws IOException if there are more or fewer, or they were not compressed by {@link
   *     #compress}
   */
  static byte[] decompress(byte[] bytes, int length, long maximum) throws IOException {
    if (length < 0 || length > maximum) {
      throw new IOException("a payload of " + length + " bytes, more than " + maximum);
    }
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes);
      byte[] out = new byte[length];
      int filled = inflater.inflate(out);
      if (filled != length || (!inflater.finished() && inflater.inflate(new byte[1]) != 0)) {
        throw new IOException("a payload that is not as long as it says: " + length);
      }
      return out;
    } catch (DataFormatException e) {
      throw new IOException("damaged bytes", e);
    } finally {
      inflater.end();
    }
  }
}
