package dev.agentops.cache;

import dev.agentops.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Seals values for the stores of one cache, and opens what they hold. Thread-safe. */
final class EntryFormat<V> {

  /** Shapes beside the own one that a key may have: releases that run at the same time. */
  private static final int MOST_OTHERS = 3;

  private final Codec<V> codec;
  private final long shape;
  private final long maximumBytes;
  private final long compressAbove;
  private final Clock clock;

  /**
   * A format.
   *
   * @param maximumBytes the largest encoded value that a store is given
   * @param compressAbove the size of an encoded value above which it is compressed
   */
  EntryFormat(Codec<V> codec, long maximumBytes, long compressAbove, Clock clock) {
    this.codec = codec;
    this.shape = shape(codec.id());
    this.maximumBytes = maximumBytes;
    this.compressAbove = compressAbove;
    this.clock = clock;
  }

  /**
   * Encodes a value.
   *
   * @param value null to keep that there is none
   * @param staleFor for how long it may be served after its fresh time; may be zero
   * @throws Exception what the codec throws
   */
  SealedEntry seal(@Nullable V value, Set<String> tags, Duration freshFor, Duration staleFor)
      throws Exception {
    byte[] payload = value == null ? new byte[0] : codec.encode(value);
    Envelope envelope =
        new Envelope(shape, value == null, clock.now(), freshFor, staleFor, tags, payload);
    return new SealedEntry(
        payload.length > maximumBytes ? null : envelope.seal(compressAbove),
        envelope.keepFor(),
        tags);
  }

  /**
   * What these bytes hold; null where its time is over, or another shape of values was put there.
   *
   * @throws Exception if they are damaged or foreign, or what the codec throws
   */
  @Nullable Found<V> open(byte[] bytes) throws Exception {
    Envelope envelope = Envelope.open(bytes, shape, maximumBytes);
    if (envelope == null) {
      return null;
    }
    Duration age = envelope.age(clock.now());
    Duration keepFor = envelope.keepFor().minus(age);
    if (keepFor.isZero() || keepFor.isNegative()) {
      return null;
    }
    V value = envelope.absent() ? null : codec.decode(envelope.payload());
    if (value == null && !envelope.absent()) {
      throw new IOException("decoded to null");
    }
    return new Found<>(
        value,
        age,
        envelope.freshFor().minus(age),
        new SealedEntry(bytes, keepFor, envelope.tags()));
  }

  /** What names the shape of the values. */
  String shape() {
    return Long.toHexString(shape);
  }

  /**
   * An entry together with what values of other shapes there are in these bytes, as far as there is
   * room.
   */
  SealedEntry beside(SealedEntry own, byte[] there) {
    List<SealedEntry> others;
    try {
      others = Envelope.besides(there, shape, clock.now());
    } catch (IOException e) {
      return own; // it takes the place of what nobody can read
    }
    SealedEntry all = own;
    for (SealedEntry other : others.subList(0, Math.min(MOST_OTHERS, others.size()))) {
      all = all.and(other, maximumBytes);
    }
    return all;
  }

  private static long shape(String id) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }
}
