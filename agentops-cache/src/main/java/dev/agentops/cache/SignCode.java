package dev.agentops.cache;

import java.util.SplittableRandom;

/**
 * A vector in {@value #BITS} bits: on which side of as many random planes it lies. The share of
 * bits in which two codes differ estimates the angle between the vectors (Charikar, "Similarity
 * estimation techniques from rounding algorithms", 2002).
 *
 * <p>The planes are those of two randomised Walsh-Hadamard transforms, which need no matrix and
 * serve vectors of any length; they are the same in every process. Stateless.
 */
final class SignCode {

  static final int BITS = 512;
  static final int LONGS = BITS / Long.SIZE;

  private static final long SEED = 0x5EEDC0DEL;
  private static final int ROUNDS = 2;

  private SignCode() {}

  /** Writes the code of a vector to {@code codes[at]} and the places behind. */
  static void write(float[] vector, long[] codes, int at) {
    float[] turned = turned(vector);
    for (int i = 0; i < LONGS; i++) {
      long bits = 0;
      for (int bit = 0; bit < Long.SIZE; bit++) {
        bits = bits << 1 | (turned[i * Long.SIZE + bit] > 0 ? 1 : 0);
      }
      codes[at + i] = bits;
    }
  }

  /** In how many bits two codes differ. */
  static int distance(long[] code, long[] codes, int at) {
    int bits = 0;
    for (int i = 0; i < LONGS; i++) {
      bits += Long.bitCount(code[i] ^ codes[at + i]);
    }
    return bits;
  }

  private static float[] turned(float[] vector) {
    float[] turned = new float[Math.max(BITS, Integer.highestOneBit(2 * vector.length - 1))];
    System.arraycopy(vector, 0, turned, 0, vector.length);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < turned.length; i++) {
        turned[i] = random.nextInt() < 0 ? -turned[i] : turned[i];
      }
      transform(turned);
    }
    return turned;
  }

  private static void transform(float[] values) {
    for (int half = 1; half < values.length; half *= 2) {
      for (int start = 0; start < values.length; start += 2 * half) {
        for (int i = start; i < start + half; i++) {
          float a = values[i];
          float b = values[i + half];
          values[i] = a + b;
          values[i + half] = a - b;
        }
      }
    }
  }
}
