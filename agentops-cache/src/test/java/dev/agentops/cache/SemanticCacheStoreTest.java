package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.event.CacheStoreEvent;
import dev.agentops.event.OpsEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SemanticCacheStoreTest {

  private static final Duration TTL = Duration.ofMinutes(10);

  private final TestClock clock = TestClock.create();
  private final SharedStore shared = new SharedStore(clock);
  private final List<SemanticCache<String>> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(SemanticCache::close);
  }

  @Test
  void put_anotherProcess_findsItByMeaning() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    one.scope("a").put("at 0", "zero");
    await().until(other::upToDate);
    clock.advance(Duration.ofSeconds(5));
    SemanticHit<String> hit = other.scope("a").find("at 1").orElseThrow();
    assertThat(hit.value()).isEqualTo("zero");
    assertThat(hit.age()).isEqualTo(Duration.ofSeconds(5));
    assertThat(other.scope("a").find("at 0")).isPresent();
    assertThat(other.scope("b").find("at 1")).isEmpty();
  }

  @Test
  void restart_readsWhatIsThere() {
    SemanticCache<String> before = node();
    for (int i = 0; i < 20; i++) {
      before.put("at " + 10 * i, "" + i);
    }
    before.close();
    SemanticCache<String> after = node();
    await().until(after::upToDate);
    assertThat(after.stats().size()).isEqualTo(20);
    assertThat(after.find("at 31").map(SemanticHit::value)).hasValue("3");
    clock.advance(TTL);
    assertThat(after.find("at 31")).isEmpty();
  }

  @Test
  void restart_moreThanFits_readsWhatFits() {
    SemanticCache<String> before = node();
    for (int i = 0; i < 20; i++) {
      before.put("at " + 10 * i, "" + i);
    }
    SemanticCache<String> after = node(from -> from.maximumSize(7));
    await().until(after::upToDate);
    assertThat(after.stats().size()).isEqualTo(7);
  }

  @Test
  void change_reachesTheOthers() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    one.put("at 0", "old");
    await().until(() -> other.find("at 1").isPresent());
    one.put("at 0", "new");
    await().until(other::upToDate);
    assertThat(other.find("at 1").map(SemanticHit::value)).hasValue("new");
  }

  @Test
  void invalidate_everyWay_reachesTheStoreAndTheOthers() {
    List<Consumer<SemanticCache<String>>> ways =
        List.of(
            cache -> {
              cache.invalidate(cache.scope("a").find("at 1").orElseThrow().id());
            },
            cache -> {
              cache.reportWrong(cache.scope("a").find("at 1").orElseThrow());
            },
            cache -> {
              cache.scope("a").invalidateAll();
            },
            cache -> {
              cache.invalidateByTag("t");
            },
            cache -> {
              cache.invalidateAll();
            });
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    for (Consumer<SemanticCache<String>> way : ways) {
      one.scope("a").putEntry("at 0", CacheEntry.of("zero").tags("t"));
      await().until(() -> other.scope("a").find("at 1").isPresent());
      way.accept(other);
      assertThat(shared.keys()).isEmpty();
      assertThat(other.scope("a").find("at 1")).isEmpty();
      assertThat(one.scope("a").find("at 1")).isEmpty();
    }
  }

  @Test
  void reportWrong_afterAReconnect_forgetsTheAnswerThatWasReadAgain() {
    SharedStore.Node node = shared.node();
    SemanticCache<String> cache = cache(node, "angles", from -> from);
    cache.put("at 0", "wrong");
    SemanticHit<String> hit = cache.find("at 1").orElseThrow();
    node.reconnected();
    await().until(cache::upToDate);
    assertThat(cache.reportWrong(hit)).isEqualTo(SemanticCache.Report.FORGOTTEN);
    assertThat(cache.find("at 1")).isEmpty();
    assertThat(shared.keys()).isEmpty();
  }

  @Test
  void reportWrongAndInvalidate_evictedHere_forgetItInTheStoreAndTheOthers() {
    SemanticCache<String> small = node(from -> from.maximumSize(1));
    SemanticCache<String> other = node();
    for (boolean report : new boolean[] {true, false}) {
      small.put("at 0", "wrong");
      SemanticHit<String> hit = small.find("at 1").orElseThrow();
      small.put("at 90", "pushes it out");
      await().until(other::upToDate);
      assertThat(other.find("at 1")).isPresent();
      if (report) {
        assertThat(small.reportWrong(hit)).isEqualTo(SemanticCache.Report.FORGOTTEN);
        assertThat(small.reportWrong(hit)).isEqualTo(SemanticCache.Report.GONE);
      } else {
        assertThat(small.invalidate(hit.id())).isFalse();
      }
      await().until(other::upToDate);
      assertThat(other.find("at 1")).isEmpty();
      assertThat(shared.keys()).hasSize(1);
    }
    assertThat(small.stats().reportedWrongCount()).isEqualTo(1);
  }

  @Test
  void reportWrong_evictedHereAndReplacedByAnother_keepsTheNewOne() {
    SemanticCache<String> small = node(from -> from.maximumSize(1));
    SemanticCache<String> other = node();
    small.put("at 0", "wrong");
    SemanticHit<String> hit = small.find("at 1").orElseThrow();
    small.put("at 90", "pushes it out");
    clock.advance(Duration.ofSeconds(1));
    other.put("at 0", "right");
    assertThat(small.reportWrong(hit)).isEqualTo(SemanticCache.Report.REPLACED);
    await().until(other::upToDate);
    assertThat(other.find("at 1").map(SemanticHit::value)).hasValue("right");
  }

  @Test
  void invalidate_noId_leavesEverything() {
    SemanticCache<String> one = node();
    one.put("at 0", "zero");
    String key = shared.keys().iterator().next();
    String id = one.find("at 0").orElseThrow().id();
    for (String text : List.of("", ":", id.substring(0, 32), id + ":", key)) {
      assertThat(one.invalidate(text)).isFalse();
      assertThat(shared.keys()).containsExactly(key);
    }
  }

  @Test
  void invalidatedByAnother_whileAnAnswerIsUnderWay_notKept() {
    List<Consumer<SemanticCache<String>>> ways =
        List.of(
            cache -> cache.scope("a").invalidateAll(),
            cache -> cache.invalidateByTag("prices"),
            SemanticCache::invalidateAll);
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    for (Consumer<SemanticCache<String>> way : ways) {
      SemanticScope<String> scope = one.scope("a");
      long begun = scope.moment();
      way.accept(other);
      scope.put("at 0", CacheEntry.of("of old prices").tags("prices"), begun);
      assertThat(one.scope("a").find("at 0")).isEmpty();
      assertThat(shared.keys()).isEmpty();
    }
  }

  @Test
  void invalidatedElsewhere_anAnswerUnderWayIsKept() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    SemanticScope<String> scope = one.scope("a");
    long begun = scope.moment();
    one.scope("b").invalidateAll();
    other.invalidateByTag("prices");
    scope.put("at 0", CacheEntry.of("fine"), begun);
    assertThat(scope.find("at 1")).isPresent();
  }

  @Test
  void reconnected_whileAnAnswerIsUnderWay_notKept() {
    SharedStore.Node node = shared.node();
    SemanticCache<String> cache = cache(node, "angles", from -> from);
    await().until(cache::upToDate);
    SemanticScope<String> scope = cache.scope("a");
    long begun = scope.moment();
    node.reconnected(); // what was invalidated meanwhile was not heard
    scope.put("at 0", CacheEntry.of("maybe old"), begun);
    assertThat(scope.find("at 0")).isEmpty();
    assertThat(shared.keys()).isEmpty();
  }

  @Test
  void vectorsOfAnotherLength_leaveTheOthersFindable() {
    SemanticCache<String> two = node();
    two.put("at 0", "zero");
    FakeJudgement angles = new FakeJudgement();
    TextVectors.Encoder longer =
        new TextVectors.Encoder() {
          @Override
          public SemanticVector encode(String text) throws Exception {
            return new SemanticVector("angles", Arrays.copyOf(angles.encode(text).values(), 3));
          }

          @Override
          public boolean knows(String space) {
            return angles.knows(space);
          }
        };
    SemanticCache<String> three =
        cache(shared.node(), "angles", from -> from.judgement(longer, angles));
    three.put("at 3", "three");
    await().until(() -> two.upToDate() && three.upToDate());
    assertThat(two.find("at 1").map(SemanticHit::value)).hasValue("zero");
    assertThat(three.find("at 1").map(SemanticHit::value)).hasValue("three");
    assertThat(two.stats().embeddingFailureCount()).isZero();
  }

  @Test
  void othersWriteWithEachRead_isReadOnceAllTheSame() {
    SemanticCache<String> writer = node();
    for (int i = 0; i < 20; i++) {
      writer.put("at " + 10 * i, "" + i);
    }
    AtomicInteger reads = new AtomicInteger();
    AtomicInteger beginnings = new AtomicInteger();
    CacheStore busy =
        new SharedView(shared.node()) {
          @Override
          public Map<String, byte[]> getAll(Collection<String> keys) {
            Map<String, byte[]> found = super.getAll(keys);
            int read = reads.incrementAndGet();
            if (read <= 50) {
              writer.put("at " + 10 * (read % 2), "new " + read);
            }
            return found;
          }

          @Override
          public KeyPage keys(String prefix, String cursor) {
            if (cursor.isEmpty()) {
              beginnings.incrementAndGet();
            }
            return super.keys(prefix, cursor);
          }
        };
    SemanticCache<String> late = cache(busy, "angles", from -> from);
    await().until(() -> reads.get() > 50 && late.upToDate());
    assertThat(beginnings).hasValue(1);
    assertThat(late.stats().size()).isEqualTo(20);
    assertThat(late.find("at 1").map(SemanticHit::value)).hasValue("new 50");
    assertThat(late.find("at 11").map(SemanticHit::value)).hasValue("new 49");
  }

  @Test
  void changeHeardWhileATagIsYetToBeForgotten_isReadAfter() {
    AtomicBoolean interrupted = new AtomicBoolean(true);
    CacheStore once =
        new SharedView(shared.node()) {
          @Override
          public void deleteByTag(String tag) {
            if (interrupted.getAndSet(false)) {
              throw new IllegalStateException(new InterruptedException());
            }
            super.deleteByTag(tag);
          }
        };
    SemanticCache<String> one = cache(once, "angles", from -> from);
    SemanticCache<String> other = node();
    await().until(() -> one.upToDate() && other.upToDate());
    one.invalidateByTag("t");
    assertThat(Thread.interrupted()).isTrue();
    other.put("at 0", "new");
    await().until(() -> one.find("at 1").isPresent());
  }

  @Test
  void invalidateAll_leavesOtherCachesOfTheStoreAlone() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node(from -> from.name("other"));
    one.put("at 0", "zero");
    other.put("at 0", "zero");
    one.invalidateAll();
    assertThat(shared.keys()).hasSize(1);
    assertThat(other.find("at 1")).isPresent();
  }

  @Test
  void reconnected_readsEverythingAnew() {
    SharedStore.Node node = shared.node();
    SemanticCache<String> cache = cache(node, "angles", from -> from);
    cache.put("at 0", "old");
    cache.put("at 90", "gone");
    List<String> keys = List.copyOf(shared.keys());
    byte[] old = shared.bytes.get(keys.get(0)).orElseThrow();
    shared.bytes.clear(); // unheard
    shared.bytes.put(keys.get(0), old, TTL, Set.of());
    node.reconnected();
    await().until(cache::upToDate);
    assertThat(cache.stats().size()).isEqualTo(1);
  }

  @Test
  void anotherModel_leftAloneAndCounted() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = cache(shared.node(), "other angles", from -> from);
    one.put("at 0", "zero");
    await().until(() -> other.stats().foreignModelCount() == 1);
    assertThat(other.find("at 0")).isEmpty();
    other.put("at 0", "of another model");
    assertThat(shared.keys()).hasSize(2);
    await().until(() -> one.stats().foreignModelCount() == 1);
    assertThat(one.find("at 1").map(SemanticHit::value)).hasValue("zero");
  }

  @Test
  void damagedAndForeignBytes_neverFound() {
    SemanticCache<String> one = node();
    one.put("at 0", "zero");
    String key = shared.keys().iterator().next();
    byte[] good = shared.bytes.get(key).orElseThrow();
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      }
      if (round % 3 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      }
      shared.bytes.put(key, bad, TTL, Set.of());
      SemanticCache<String> reader = node();
      await().until(reader::upToDate);
      reader.find("at 0").ifPresent(hit -> assertThat(hit.similarity()).isLessThanOrEqualTo(1));
      assertThat(reader.find("at 90")).isEmpty();
      reader.close();
    }
    shared.bytes.put(key, "hello".getBytes(StandardCharsets.UTF_8), TTL, Set.of());
    SemanticCache<String> reader = node();
    await().until(reader::upToDate);
    assertThat(reader.stats().size()).isZero();
    assertThat(reader.storeStats().orElseThrow().undecodableCount()).isEqualTo(1);
    reader.put("at 0", "again");
    assertThat(reader.find("at 1")).isPresent();
  }

  @Test
  void entryUnderAnothersKey_neverFound() {
    SemanticCache<String> one = node();
    one.scope("alice").put("at 0", "of alice");
    byte[] ofAlice = shared.bytes.get(shared.keys().iterator().next()).orElseThrow();
    one.invalidateAll();
    one.scope("bob").put("at 0", "of bob");
    shared.bytes.put(shared.keys().iterator().next(), ofAlice, TTL, Set.of());
    SemanticCache<String> reader = node();
    await().until(reader::upToDate);
    assertThat(reader.stats().size()).isZero();
  }

  @Test
  void storeLost_goesOnAlone_andForgetsInTheStoreWhatWasInvalidatedMeanwhile() {
    List<OpsEvent> events = new CopyOnWriteArrayList<>();
    SemanticCache<String> one = node(from -> from.listener(events::add));
    await().until(one::upToDate);
    one.put("at 0", "zero");
    shared.bytes.breakWith(new IllegalStateException("down"));
    one.put("at 90", "ninety");
    assertThat(one.find("at 1")).isPresent();
    assertThat(one.find("at 91")).isPresent();
    one.invalidate(one.find("at 1").orElseThrow().id());
    assertThat(one.find("at 1")).isEmpty();
    shared.bytes.breakWith(null);
    await().until(() -> events.size() == 2);
    assertThat(events).hasOnlyElementsOfType(CacheStoreEvent.class);
    assertThat(shared.keys()).isEmpty();
    one.put("at 180", "shared again");
    assertThat(shared.keys()).hasSize(1);
  }

  @Test
  void storeAwayAtFirst_isReadWhenItIsBack() {
    node().put("at 0", "zero");
    shared.bytes.breakWith(new IllegalStateException("down"));
    SemanticCache<String> late = node();
    assertThat(late.find("at 1")).isEmpty();
    assertThat(late.upToDate()).isFalse();
    shared.bytes.breakWith(null);
    await().until(() -> late.find("at 1").isPresent());
  }

  @Test
  void storeThatCannotTellItsKeys_isWrittenAndFollowed() {
    SemanticCache<String> one = node();
    one.put("at 0", "zero");
    SharedStore.Node deaf = shared.node();
    CacheStore mute =
        new SharedView(deaf) {
          @Override
          public KeyPage keys(String prefix, String cursor) {
            throw new UnsupportedOperationException();
          }
        };
    SemanticCache<String> other = cache(mute, "angles", from -> from);
    await().until(other::upToDate);
    assertThat(other.stats().size()).isZero();
    one.put("at 90", "ninety");
    await().until(() -> other.find("at 91").isPresent());
    other.put("at 180", "from the mute");
    await().until(() -> one.find("at 181").isPresent());
  }

  @Test
  void invalidatedWhileAnotherWrites_nothingOldIsLeft() throws Exception {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < 500; i++) {
                one.put("at " + i % 7 * 50, "v" + i);
              }
            });
    writer.start();
    while (writer.isAlive()) {
      other.invalidateAll();
    }
    writer.join();
    other.invalidateAll();
    await().until(() -> one.upToDate() && other.upToDate());
    assertThat(shared.keys()).isEmpty();
    await().untilAsserted(() -> assertThat(one.stats().size()).isZero()); // has heard of it
    assertThat(other.stats().size()).isZero();
  }

  @Test
  void unencodableValue_keptHereOnly() {
    SemanticCache<String> one = node();
    one.put("at 0", "half \uD83D");
    assertThat(one.find("at 1")).isPresent();
    assertThat(shared.keys()).isEmpty();
  }

  @Test
  void close_closesTheStoreAndKeepsWhatIsInIt() {
    SemanticCache<String> one = cache(shared.bytes, "angles", from -> from);
    one.put("at 0", "zero");
    one.close();
    assertThat(shared.bytes.closed()).isTrue();
    assertThat(shared.keys()).hasSize(1);
  }

  private SemanticCache<String> node() {
    return node(from -> from);
  }

  private SemanticCache<String> node(UnaryOperator<SemanticCache.Builder<String>> with) {
    return cache(shared.node(), "angles", with);
  }

  private SemanticCache<String> cache(
      CacheStore store, String space, UnaryOperator<SemanticCache.Builder<String>> with) {
    FakeJudgement judgement = new FakeJudgement(space);
    SemanticCache<String> made =
        with.apply(
                SemanticCache.builder(Codec.utf8())
                    .timeToLive(TTL)
                    .clock(clock)
                    .remote(store)
                    .judgement(judgement, judgement))
            .build();
    opened.add(made);
    return made;
  }

  /** A node of the store, of which a test changes something. */
  private static class SharedView implements CacheStore {

    private final CacheStore node;

    SharedView(CacheStore node) {
      this.node = node;
    }

    @Override
    public Optional<byte[]> get(String key) {
      return node.get(key);
    }

    @Override
    public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
      node.put(key, value, timeToLive, tags);
    }

    @Override
    public void delete(String key) {
      node.delete(key);
    }

    @Override
    public void deleteByPrefix(String prefix) {
      node.deleteByPrefix(prefix);
    }

    @Override
    public void deleteByTag(String tag) {
      node.deleteByTag(tag);
    }

    @Override
    public void clear() {
      node.clear();
    }

    @Override
    public KeyPage keys(String prefix, String cursor) {
      return node.keys(prefix, cursor);
    }

    @Override
    public void listen(Listener listener) {
      node.listen(listener);
    }

    @Override
    public void check() {
      node.check();
    }
  }
}
