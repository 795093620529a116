package dev.agentops.cache;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An answer that a {@link SemanticCache} had, and to what. Thread-safe if the value is.
 *
 * @param <V> the type of the values
 */
public final class SemanticHit<V> {

  private final SemanticEntry<V> entry;
  private final String asked;
  private final double similarity;
  private final Duration age;
  private final AtomicBoolean reported = new AtomicBoolean();

  SemanticHit(SemanticEntry<V> entry, String asked, double similarity, Duration age) {
    this.entry = entry;
    this.asked = asked;
    this.similarity = similarity;
    this.age = age;
  }

  public V value() {
    return entry.value;
  }

  /** The question that the value was put for. */
  public String text() {
    return entry.text;
  }

  /** The question that was asked. */
  public String asked() {
    return asked;
  }

  /** The cosine between both, at most 1; exactly 1 where they are the same text. */
  public double similarity() {
    return similarity;
  }

  /** Since it was put; zero where the clock of the process that put it is ahead. */
  public Duration age() {
    return age;
  }

  /** Names the entry, for {@link SemanticCache#invalidate(String)}. */
  public String id() {
    return entry.id;
  }

  /** Whose it is, as {@link SemanticStats#scope()} says. */
  public String scope() {
    return entry.partition.scope();
  }

  /** True once: reports of one hit count once. */
  boolean firstReport() {
    return reported.compareAndSet(false, true);
  }

  SemanticEntry<V> entry() {
    return entry;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "SemanticHit{%s, similarity %.3f}", id(), similarity);
  }
}
