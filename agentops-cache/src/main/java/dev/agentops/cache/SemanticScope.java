package dev.agentops.cache;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The questions and answers of one scope of a {@link SemanticCache}; those of other scopes are
 * never found here. A view: cheap to make, and closed with the cache. Thread-safe.
 *
 * @param <V> the type of the values
 */
public final class SemanticScope<V> {

  private final SemanticEngine<V> engine;
  private final SemanticPartition partition;
  private final Set<String> ownerTags;

  SemanticScope(SemanticEngine<V> engine, SemanticPartition partition, Set<String> ownerTags) {
    this.engine = engine;
    this.partition = partition;
    this.ownerTags = ownerTags;
  }

  /** As {@link SemanticCache#find(String)}. */
  public Optional<SemanticHit<V>> find(String text) {
    return engine.find(partition, Objects.requireNonNull(text, "text"));
  }

  /** As {@link SemanticCache#put(String, Object)}. */
  public void put(String text, V value) {
    putEntry(text, CacheEntry.of(value));
  }

  /** As {@link SemanticCache#putEntry(String, CacheEntry)}. */
  public void putEntry(String text, CacheEntry<V> entry) {
    put(text, entry, engine.moment());
  }

  /** Forgets all of this scope, in whatever context it was asked, but not what is known of it. */
  public void invalidateAll() {
    engine.invalidateScope(partition.scope());
  }

  /** What this scope has done, as far as it is remembered. */
  public SemanticStats stats() {
    return engine.stats(partition.scope());
  }

  /** What {@link SemanticStats#scope()} says of it. */
  public String name() {
    return partition.scope();
  }

  /** When an answer is begun, for {@link #put(String, CacheEntry, long)}. */
  long moment() {
    return engine.moment();
  }

  /** As {@link #putEntry}, unless it would have been invalidated since. */
  void put(String text, CacheEntry<V> entry, long since) {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(entry, "entry");
    Set<String> tags = new LinkedHashSet<>(ownerTags);
    entry.tags().forEach(tag -> tags.add(AnswerPolicy.tag(tag)));
    engine.put(partition, text, entry.tags(tags.toArray(String[]::new)), since);
  }
}
