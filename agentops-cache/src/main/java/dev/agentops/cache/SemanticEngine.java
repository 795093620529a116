package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.cache.wording.SemanticGuard;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a {@link SemanticCache} and its scopes do. Thread-safe; never throws. */
final class SemanticEngine<V> implements AutoCloseable {

  private final String name;
  private final Duration timeToLive;
  private final SemanticIndex<V> index;
  private final SemanticMatcher<V> matcher;
  private final TextVectors vectors;
  private final ShadowChecks<V> shadow;
  private final SemanticEvidence evidence;
  private final Invalidations invalidations;
  private final @Nullable SemanticStore<V> store;
  private final Clock clock;
  private final FaultLog faults;
  private volatile boolean closed;

  SemanticEngine(
      String name,
      Duration timeToLive,
      SemanticIndex<V> index,
      SemanticMatcher<V> matcher,
      TextVectors vectors,
      ShadowChecks<V> shadow,
      SemanticEvidence evidence,
      Invalidations invalidations,
      @Nullable SemanticStore<V> store,
      Clock clock,
      FaultLog faults) {
    this.name = name;
    this.timeToLive = timeToLive;
    this.index = index;
    this.matcher = matcher;
    this.vectors = vectors;
    this.shadow = shadow;
    this.evidence = evidence;
    this.invalidations = invalidations;
    this.store = store;
    this.clock = clock;
    this.faults = faults;
  }

  String name() {
    return name;
  }

  Clock clock() {
    return clock;
  }

  /** The moment at which an answer is begun, for {@link #put}. */
  long moment() {
    return invalidations.now();
  }

  Optional<SemanticHit<V>> find(SemanticPartition partition, String text) {
    evidence.count(partition.scope(), SemanticCounter.LOOKUP);
    SemanticHit<V> hit = guarded("a lookup by meaning", () -> hit(partition, text));
    if (hit != null) {
      index.touch(hit.entry());
      evidence.count(partition.scope(), SemanticCounter.HIT);
    }
    return Optional.ofNullable(hit);
  }

  /**
   * Keeps an answer.
   *
   * @param since what {@link #moment()} was when the answer was begun: if it would have been
   *     invalidated since, it is not kept
   */
  void put(SemanticPartition partition, String text, CacheEntry<V> entry, long since) {
    guarded("keeping an answer by meaning", () -> keep(partition, text, entry, since));
  }

  /** Forgets what has this id, here and in the store; whether it was here. */
  boolean invalidate(String id) {
    if (!SemanticPartition.isId(id)) {
      return false;
    }
    SemanticEntry<V> entry = index.get(id);
    if (entry != null) {
      return invalidate(entry);
    }
    forget(Invalidations.ofEntry(id), from -> from.deleteByPrefix(id + ':'));
    return false;
  }

  void invalidateScope(String scope) {
    forget(
        Invalidations.ofScope(scope),
        from -> from.deleteByPrefix(SemanticPartition.scopePrefix(scope)));
    index.removeIf(entry -> entry.partition.scope().equals(scope));
  }

  void invalidateByTag(String tag) {
    forget(Invalidations.ofTag(tag), from -> from.deleteByTag(tag));
    index.removeIf(entry -> entry.tags.contains(tag));
  }

  void invalidateAll() {
    forget(Invalidations.ALL, from -> from.deleteByPrefix(""));
    index.removeIf(entry -> true);
  }

  SemanticCache.Report reportWrong(SemanticHit<V> hit) {
    if (hit.firstReport()) {
      evidence.count(hit.scope(), SemanticCounter.REPORTED_WRONG);
      if (hit.similarity() < 1) { // else no threshold would have kept it back
        evidence.of(hit.scope()).raiseThreshold(clock.nanoTime());
      }
    }
    SemanticEntry<V> wrong = hit.entry();
    SemanticEntry<V> present = index.get(wrong.id);
    if (present == null && store != null) {
      present = store.available() ? store.find(wrong) : wrong; // forgotten there when it is back
    }
    if (present == null) {
      return SemanticCache.Report.GONE;
    }
    if (!present.hasAnswerOf(wrong)) {
      return SemanticCache.Report.REPLACED;
    }
    invalidate(present);
    return SemanticCache.Report.FORGOTTEN;
  }

  SemanticStats stats() {
    List<SemanticStats> scopes =
        evidence.scopes().entrySet().stream()
            .map(scope -> stats(scope.getKey(), scope.getValue()))
            .toList();
    return new SemanticStats(
        "",
        evidence.all().counts(),
        evidence.all().falseHitRate(),
        true,
        size(index.size()),
        scopes);
  }

  SemanticStats stats(String scope) {
    return stats(scope, evidence.of(scope));
  }

  Optional<CacheStats.Level> storeStats() {
    return store == null ? Optional.empty() : Optional.of(store.stats());
  }

  boolean upToDate() {
    return store == null || store.upToDate();
  }

  @Override
  public void close() {
    closed = true;
    if (store != null) {
      store.close();
    }
    matcher.close();
    shadow.close();
    index.removeIf(entry -> true);
  }

  private @Nullable SemanticHit<V> hit(SemanticPartition partition, String text) {
    String asked = usable(partition, text);
    if (asked == null) {
      return null;
    }
    boolean serving = shadow.serving(evidence.of(partition.scope()));
    SemanticEntry<V> same = matcher.same(partition, asked);
    if (same != null) { // a question is not checked against itself: it would prove nothing
      return serving ? hit(same, asked, 1) : null;
    }
    VectorIndex.Match<SemanticEntry<V>> match = matcher.other(partition, asked);
    if (match == null) {
      return null;
    }
    if (!serving || shadow.drawn()) {
      shadow.keepBack(partition.id(asked), match.element());
      evidence.count(partition.scope(), SemanticCounter.SHADOWED);
      return null;
    }
    // below 1, which stands for the same text
    return hit(match.element(), asked, Math.min(match.cosine(), Math.nextDown(1.0)));
  }

  private SemanticHit<V> hit(SemanticEntry<V> entry, String asked, double similarity) {
    Duration age = Duration.between(entry.storedAt, clock.now());
    return new SemanticHit<>(entry, asked, similarity, age.isNegative() ? Duration.ZERO : age);
  }

  private boolean keep(SemanticPartition partition, String text, CacheEntry<V> entry, long since) {
    String asked = usable(partition, text);
    List<String> things = asked == null ? List.of() : things(partition, asked, entry);
    if (asked == null || invalidations.since(since, things)) {
      return false;
    }
    shadow.answered(partition.id(asked), entry.value());
    SemanticVector vector = vectors.of(asked, partition.scope());
    if (vector == null) {
      return false;
    }
    Duration living = entry.timeToLive().orElse(timeToLive);
    Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS); // as a store has it
    SemanticEntry<V> kept =
        new SemanticEntry<>(
            partition,
            asked,
            vector,
            entry.value(),
            entry.tags(),
            now,
            clock.nanoTime() + Clock.nanos(living));
    index.put(kept);
    if (store != null) {
      store.put(kept, living);
    }
    if (invalidations.since(since, things)) { // just now
      if (store != null) {
        store.delete(kept);
      }
      index.remove(kept);
      return false;
    }
    evidence.count(partition.scope(), SemanticCounter.PUT);
    return true;
  }

  /** What of, when it is invalidated, concerns an answer. */
  private List<String> things(SemanticPartition partition, String asked, CacheEntry<V> entry) {
    List<String> things = new ArrayList<>();
    things.add(Invalidations.ALL);
    things.add(Invalidations.ofScope(partition.scope()));
    things.add(Invalidations.ofEntry(partition.id(asked)));
    entry.tags().forEach(tag -> things.add(Invalidations.ofTag(tag)));
    return things;
  }

  private boolean invalidate(SemanticEntry<V> entry) {
    forget(Invalidations.ofEntry(entry.id), from -> from.delete(entry));
    return index.remove(entry);
  }

  /** In the store; others and calls under way hear of it before, so that they put nothing after. */
  private void forget(String what, Consumer<SemanticStore<V>> inStore) {
    invalidations.add(what);
    if (store != null) {
      store.announce(what);
      inStore.accept(store);
    }
  }

  /** The text to compare, or null where it cannot be. */
  private @Nullable String usable(SemanticPartition partition, String text) {
    if (text.length() <= SemanticGuard.LONGEST && CacheKeys.isWellFormed(text)) {
      String stripped = text.strip();
      if (!stripped.isEmpty()) {
        return stripped;
      }
    }
    evidence.count(partition.scope(), SemanticCounter.UNUSABLE_TEXT);
    return null;
  }

  private SemanticStats stats(String scope, ScopeEvidence of) {
    return new SemanticStats(
        scope,
        of.counts(),
        of.falseHitRate(),
        shadow.serving(of),
        size(index.size(scope)),
        List.of());
  }

  private SemanticStats.Size size(long entries) {
    return new SemanticStats.Size(entries, index.bytes(), index.evictions());
  }

  private <T> @Nullable T guarded(String what, Supplier<@Nullable T> action) {
    try {
      return closed ? null : action.get();
    } catch (Throwable t) {
      faults.report(what, t);
      return null;
    }
  }

  /** Whether an entry can still be found. */
  static <V> Predicate<SemanticEntry<V>> findable(SemanticIndex<V> index) {
    return entry -> index.get(entry.id) == entry;
  }
}
