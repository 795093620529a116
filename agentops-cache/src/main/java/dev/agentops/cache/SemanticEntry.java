package dev.agentops.cache;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/** A question that was answered. Thread-safe if the value is. */
final class SemanticEntry<V> implements VectorIndex.Element {

  /** An estimate of what the objects around text and vector take. */
  private static final long OVERHEAD_BYTES = 400;

  final String id;
  final SemanticPartition partition;
  final String text;

  /** {@link SemanticVector#kind()} of its vector. */
  final String kind;

  final String space;
  final V value;
  final Set<String> tags;
  final Instant storedAt;
  final long deadlineNanos;

  /** When it was last found, as a number that grows with each find. */
  volatile long usedAt;

  private final float[] vector;

  SemanticEntry(
      SemanticPartition partition,
      String text,
      SemanticVector vector,
      V value,
      Set<String> tags,
      Instant storedAt,
      long deadlineNanos) {
    this.id = partition.id(text);
    this.partition = partition;
    this.text = text;
    this.kind = vector.kind();
    this.space = vector.space();
    this.vector = vector.values();
    this.value = value;
    this.tags = tags;
    this.storedAt = storedAt;
    this.deadlineNanos = deadlineNanos;
  }

  @Override
  public float[] vector() {
    return vector;
  }

  /** Whether this is another entry, or the same that was read again, or has an equal value. */
  boolean hasAnswerOf(SemanticEntry<V> other) {
    return id.equals(other.id)
        && (storedAt.equals(other.storedAt) || Objects.deepEquals(value, other.value));
  }

  /** Without the value, whose size nobody knows. */
  long bytes() {
    return OVERHEAD_BYTES
        + 2L * text.length()
        + (long) Float.BYTES * vector.length
        + (long) Long.BYTES * SignCode.LONGS;
  }
}
