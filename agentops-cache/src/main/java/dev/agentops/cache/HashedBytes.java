package dev.agentops.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;

/**
 * Gathers small pieces for a digest, each call of which costs more than the piece. Not thread-safe.
 */
final class HashedBytes {

  private static final int CAPACITY = 512;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest digest;
  private final byte[] buffer = new byte[CAPACITY];
  private int size;

  HashedBytes(MessageDigest digest) {
    this.digest = digest;
  }

  void put(char ascii) {
    reserve(1);
    buffer[size++] = (byte) ascii;
  }

  void put(int value) {
    reserve(Integer.BYTES);
    INT.set(buffer, size, value);
    size += Integer.BYTES;
  }

  void put(long value) {
    reserve(Long.BYTES);
    LONG.set(buffer, size, value);
    size += Long.BYTES;
  }

  void put(byte[] bytes) {
    if (bytes.length > CAPACITY / 2) {
      flush();
      digest.update(bytes);
    } else {
      reserve(bytes.length);
      System.arraycopy(bytes, 0, buffer, size, bytes.length);
      size += bytes.length;
    }
  }

  /** The digest of what was put since the last time. */
  byte[] digest() {
    flush();
    return digest.digest();
  }

  private void reserve(int bytes) {
    if (size + bytes > CAPACITY) {
      flush();
    }
  }

  private void flush() {
    digest.update(buffer, 0, size);
    size = 0;
  }
}
