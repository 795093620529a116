package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemanticCacheTest {

  private static final Duration TTL = Duration.ofMinutes(10);

  private final TestClock clock = TestClock.create();
  private final FakeJudgement judgement = new FakeJudgement();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final SemanticCache<String> cache = cache(from -> from);

  @AfterEach
  void close() throws Exception {
    judgement.hanging.countDown();
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @Test
  void find_nothingPut_empty() {
    assertThat(cache.find("at 0")).isEmpty();
    assertThat(judgement.embeddings).hasValue(0);
  }

  @Test
  void find_sameText_hitWithoutAnEmbedding() {
    cache.put("at 0", "zero");
    clock.advance(Duration.ofSeconds(3));
    SemanticHit<String> hit = cache.find(" at 0\n").orElseThrow();
    assertThat(hit.value()).isEqualTo("zero");
    assertThat(hit.text()).isEqualTo("at 0");
    assertThat(hit.asked()).isEqualTo("at 0");
    assertThat(hit.similarity()).isEqualTo(1);
    assertThat(hit.age()).isEqualTo(Duration.ofSeconds(3));
    assertThat(judgement.embeddings).hasValue(1);
  }

  @Test
  void find_sameMeaning_theNearestWithItsSimilarity() {
    cache.put("at 0", "zero");
    cache.put("at 5", "five");
    SemanticHit<String> hit = cache.find("at 4").orElseThrow();
    assertThat(hit.value()).isEqualTo("five");
    assertThat(hit.text()).isEqualTo("at 5");
    assertThat(hit.asked()).isEqualTo("at 4");
    assertThat(hit.similarity()).isCloseTo(Math.cos(Math.toRadians(1)), within(1e-6));
    assertThat(cache.stats().hitCount()).isEqualTo(1);
    assertThat(cache.stats().missCount()).isZero();
  }

  @Test
  void find_anotherMeaning_empty() {
    cache.put("at 0", "zero");
    assertThat(cache.find("at 90")).isEmpty();
    assertThat(cache.stats().missCount()).isEqualTo(1);
    assertThat(cache.stats().refusedCount()).isZero();
  }

  @Test
  void find_nearestDiffersInAWord_nextOneServes() {
    cache.put("not at 0", "no");
    cache.put("at 3", "three");
    assertThat(cache.find("at 1").map(SemanticHit::value)).hasValue("three");
    assertThat(cache.find("not at 2").map(SemanticHit::value)).hasValue("no");
  }

  @Test
  void find_manyNearerDifferInAWord_theOneThatAgreesServes() {
    for (int i = 0; i < 60; i++) {
      cache.put("not at 1." + (100 + i), "no");
    }
    cache.put("at 5", "five");
    assertThat(cache.find("at 1").map(SemanticHit::value)).hasValue("five");
  }

  @Test
  void find_allNearDiffer_refusedAndCounted() {
    cache.put("not at 0", "no");
    assertThat(cache.find("at 0")).isEmpty();
    assertThat(cache.stats().refusedCount()).isEqualTo(1);
  }

  @Test
  void putThatFollowsFind_embedsOnce() {
    cache.put("at 90", "ninety");
    cache.find("at 0");
    cache.put("at 0", "zero");
    assertThat(judgement.embeddings).hasValue(2);
  }

  @Test
  void put_sameTextTwice_lastWins() {
    cache.put("at 0", "old");
    cache.put("at 0", "new");
    assertThat(cache.find("at 1").map(SemanticHit::value)).hasValue("new");
    assertThat(cache.stats().size()).isEqualTo(1);
  }

  @Test
  void find_timeOver_empty() {
    cache.put("at 0", "zero");
    cache.putEntry("at 90", CacheEntry.of("ninety").timeToLive(TTL.multipliedBy(2)));
    clock.advance(TTL);
    assertThat(cache.find("at 0")).isEmpty();
    assertThat(cache.find("at 1")).isEmpty();
    assertThat(cache.find("at 91")).isPresent();
    assertThat(cache.stats().size()).isEqualTo(1);
  }

  @Test
  void users_neverGetEachOthersAnswers() {
    Attributes alice = Attributes.of("user.id", "alice");
    Attributes bob = Attributes.of("user.id", "bob");
    as(alice, () -> cache.put("at 0", "of alice"));
    List<Attributes> others =
        List.of(
            bob,
            Attributes.empty(),
            alice.with("tenant", "acme"),
            Attributes.of("tenant", "alice"),
            Attributes.of("user.id", "alice tenant[4]=acme"));
    for (Attributes other : others) {
      as(other, () -> assertThat(cache.find("at 0")).as(other.toString()).isEmpty());
      as(other, () -> assertThat(cache.find("at 1")).as(other.toString()).isEmpty());
    }
    as(
        alice.with("session.id", "another").with("tenant", " "),
        () -> assertThat(cache.find("at 1")).isPresent());
    assertThat(cache.scopeOf(alice).find("at 1")).isPresent();
    assertThat(cache.scope("alice").find("at 1")).isEmpty();
  }

  @Test
  void shared_usersOfATenantShare() {
    SemanticCache<String> shared = cache(SemanticCache.Builder::shared);
    as(Attributes.of("user.id", "alice"), () -> shared.put("at 0", "zero"));
    as(Attributes.of("user.id", "bob"), () -> assertThat(shared.find("at 1")).isPresent());
    as(Attributes.of("tenant", "acme"), () -> assertThat(shared.find("at 1")).isEmpty());
  }

  @Test
  void namedScope_forWhoeverNamesIt() {
    as(
        Attributes.of("user.id", "alice", "tenant", "acme"),
        () -> cache.scope("faq").put("at 0", "zero"));
    assertThat(cache.scope("faq").find("at 1")).isPresent();
    assertThat(cache.scope("other").find("at 1")).isEmpty();
    assertThat(cache.find("at 1")).isEmpty();
  }

  @Test
  void invalidate_onlyThatEntry() {
    cache.put("at 0", "zero");
    cache.put("at 90", "ninety");
    String id = cache.find("at 1").orElseThrow().id();
    assertThat(cache.invalidate(id)).isTrue();
    assertThat(cache.invalidate(id)).isFalse();
    assertThat(cache.find("at 0")).isEmpty();
    assertThat(cache.find("at 1")).isEmpty();
    assertThat(cache.find("at 91")).isPresent();
  }

  @Test
  void invalidateScopeTagAndAll() {
    cache.scope("a").put("at 0", "a");
    cache.scope("b").put("at 0", "b");
    cache.scope("b").putEntry("at 90", CacheEntry.of("tagged").tags("t"));
    cache.scope("a").invalidateAll();
    assertThat(cache.scope("a").find("at 1")).isEmpty();
    assertThat(cache.scope("b").find("at 1")).isPresent();
    cache.invalidateByTag("t");
    assertThat(cache.scope("b").find("at 91")).isEmpty();
    assertThat(cache.scope("b").find("at 1")).isPresent();
    cache.invalidateAll();
    assertThat(cache.scope("b").find("at 1")).isEmpty();
    assertThat(cache.stats().size()).isZero();
    assertThat(cache.stats().bytes()).isZero();
  }

  @Test
  void full_leastRecentlyFoundGoes() {
    SemanticCache<String> small = cache(from -> from.maximumSize(3));
    small.put("at 0", "0");
    small.put("at 40", "40");
    small.put("at 80", "80");
    small.find("at 1");
    small.put("at 120", "120");
    assertThat(small.find("at 41")).isEmpty();
    assertThat(small.find("at 1")).isPresent();
    assertThat(small.find("at 81")).isPresent();
    assertThat(small.find("at 121")).isPresent();
    assertThat(small.stats().size()).isEqualTo(3);
    assertThat(small.stats().evictionCount()).isEqualTo(1);
  }

  @Test
  void fullScope_onlyItsOwnEntriesGo() {
    SemanticCache<String> small = cache(from -> from.maximumSizePerScope(2));
    small.scope("quiet").put("at 0", "0");
    for (int i = 0; i < 10; i++) {
      small.scope("noisy").put("at " + 30 * i, "" + i);
    }
    assertThat(small.scope("quiet").find("at 1")).isPresent();
    assertThat(small.scope("noisy").stats().size()).isEqualTo(2);
    assertThat(small.scope("noisy").find("at 271")).isPresent();
  }

  @Test
  void maximumBytes_bound() {
    SemanticCache<String> small = cache(from -> from.maximumBytes(5_000));
    for (int i = 0; i < 100; i++) {
      small.put("at " + i, "v");
    }
    assertThat(small.stats().bytes()).isBetween(4_000L, 5_000L);
    assertThat(small.stats().size()).isBetween(5L, 10L);
    assertThat(small.find("at 99")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \t\n", "\u3000", "half \uD83D", "\uDE00 other half"})
  void unusableText_missAndCounted(String text) {
    cache.put(text, "v");
    assertThat(cache.find(text)).isEmpty();
    assertThat(cache.stats().size()).isZero();
    assertThat(cache.stats().unusableTextCount()).isEqualTo(2);
    assertThat(judgement.embeddings).hasValue(0);
  }

  @Test
  void hugeText_missAndCounted() {
    String huge = "x".repeat(100_000_000);
    cache.put(huge, "v");
    assertThat(cache.find(huge)).isEmpty();
    assertThat(cache.stats().unusableTextCount()).isEqualTo(2);
  }

  @Test
  void hostileText_isTextLikeAnyOther() {
    String hostile = "at 0 \u0000\r\n*:{}[]#%_\uFFFF\u202E";
    cache.put(hostile, "v");
    assertThat(cache.find(hostile)).isPresent();
  }

  @Test
  void nullTextOrValue_refused() {
    assertThatNullPointerException().isThrownBy(() -> cache.find(null));
    assertThatNullPointerException().isThrownBy(() -> cache.put(null, "v"));
    assertThatNullPointerException().isThrownBy(() -> cache.put("at 0", null));
  }

  @Test
  void noModelForTheScript_missAndCounted() {
    cache.put("at 0", "zero");
    cache.put("键", "v");
    assertThat(cache.find("键")).isEmpty();
    assertThat(cache.stats().noModelCount()).isEqualTo(2);
    assertThat(cache.stats().size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "longer"})
  void embeddingFailsOrIsNoUnitVector_missAndCounted(String text) {
    cache.put("at 0", "zero");
    cache.put(text, "v");
    assertThat(cache.find(text)).isEmpty();
    assertThat(cache.stats().embeddingFailureCount()).isEqualTo(2);
    assertThat(cache.find("at 1")).isPresent();
  }

  @Test
  void embeddingHangs_missesUntilItComesBack() {
    SemanticCache<String> impatient = cache(from -> from.embeddingTimeout(Duration.ofMillis(50)));
    impatient.put("at 0", "zero");
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    for (int i = 0; i < threads + 2; i++) {
      assertThat(impatient.find("hang " + i)).isEmpty();
    }
    assertThat(impatient.find("at 1")).isEmpty(); // no thread is left
    assertThat(impatient.find("at 0")).isPresent(); // needs none
    assertThat(impatient.stats().embeddingFailureCount()).isEqualTo(threads + 3);
    judgement.hanging.countDown();
    await().until(() -> impatient.find("at 1").isPresent());
  }

  @Test
  void verifier_hasTheLastWord() {
    List<String> asked = new ArrayList<>();
    SemanticCache<String> verified =
        cache(
            from ->
                from.verifier(
                    (stored, question) -> {
                      asked.add(stored + " | " + question);
                      return !question.contains("2");
                    }));
    verified.put("at 0", "zero");
    assertThat(verified.find("at 0")).isPresent();
    assertThat(asked).isEmpty();
    assertThat(verified.find("at 1")).isPresent();
    assertThat(verified.find("at 2")).isEmpty();
    assertThat(verified.find("at 90")).isEmpty();
    assertThat(asked).containsExactly("at 0 | at 1", "at 0 | at 2");
    assertThat(verified.stats().verifierRefusedCount()).isEqualTo(1);
  }

  @Test
  void verifierThrowsOrHangs_missAndCounted() {
    CountDownLatch never = new CountDownLatch(1);
    SemanticCache<String> verified =
        cache(
            from ->
                from.verifierTimeout(Duration.ofMillis(50))
                    .verifier(
                        (stored, question) -> {
                          if (question.contains("1")) {
                            throw new StackOverflowError();
                          }
                          try {
                            never.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return true;
                        }));
    verified.put("at 0", "zero");
    assertThat(verified.find("at 1")).isEmpty();
    assertThat(verified.find("at 2")).isEmpty();
    assertThat(verified.stats().verifierFailureCount()).isEqualTo(2);
  }

  @Test
  void verifierAndModel_runInTheCallersContext() {
    AtomicReference<String> user = new AtomicReference<>();
    SemanticCache<String> verified =
        cache(
            from ->
                from.verifier(
                    (stored, question) -> {
                      user.set(Context.current().attributes().text("user.id"));
                      return true;
                    }));
    as(
        Attributes.of("user.id", "alice"),
        () -> {
          verified.put("at 0", "zero");
          assertThat(verified.find("at 1")).isPresent();
        });
    assertThat(user).hasValue("alice");
  }

  @Test
  void reportWrong_removesTheEntryAndRaisesThatScopesThreshold() {
    SemanticScope<String> scope = cache.scope("a");
    double almost = Math.toDegrees(Math.acos(FakeJudgement.SAME + 0.005));
    scope.put("at 0", "wrong");
    SemanticHit<String> hit = scope.find("at " + almost).orElseThrow();
    assertThat(cache.reportWrong(hit)).isEqualTo(SemanticCache.Report.FORGOTTEN);
    assertThat(scope.find("at 0")).isEmpty();
    assertThat(cache.reportWrong(hit)).isEqualTo(SemanticCache.Report.GONE);
    assertThat(scope.stats().reportedWrongCount()).isEqualTo(1);

    scope.put("at 0", "right");
    cache.scope("b").put("at 0", "right");
    assertThat(scope.find("at " + almost)).isEmpty();
    assertThat(scope.find("at 1")).isPresent();
    assertThat(cache.scope("b").find("at " + almost)).isPresent();
    clock.advance(Duration.ofDays(21));
    scope.put("at 0", "right");
    assertThat(scope.find("at " + almost)).isPresent();
  }

  @Test
  void reportWrong_oftenEnough_raisesNoFurther() {
    SemanticScope<String> scope = cache.scope("a");
    for (int i = 0; i < 100; i++) {
      scope.put("at 0", "wrong");
      cache.reportWrong(scope.find("at 0.1").orElseThrow());
    }
    scope.put("at 0", "right");
    assertThat(scope.find("at 10")).isEmpty();
    assertThat(scope.find("at 7")).isPresent();
  }

  @Test
  void reportWrong_replacedMeanwhile_keepsTheNewOne() {
    cache.put("at 0", "wrong");
    SemanticHit<String> hit = cache.find("at 1").orElseThrow();
    clock.advance(Duration.ofSeconds(1));
    cache.put("at 0", "right");
    assertThat(cache.reportWrong(hit)).isEqualTo(SemanticCache.Report.REPLACED);
    assertThat(cache.find("at 1").map(SemanticHit::value)).hasValue("right");
  }

  @Test
  void shadow_hitIsKeptBackAndComparedWithTheCallersAnswer() {
    SemanticCache<String> checked = cache(from -> from.shadowRate(1));
    SemanticScope<String> scope = checked.scope("a");
    scope.put("at 0", "zero");
    assertThat(scope.find("at 0")).isPresent(); // the same text proves nothing
    assertThat(scope.find("at 1")).isEmpty();
    scope.put("at 1", "zero");
    assertThat(scope.find("at 3")).isEmpty();
    scope.put("at 3", "three");
    await().until(() -> scope.stats().falseHitRate().checks() == 2);
    assertThat(scope.stats().shadowedCount()).isEqualTo(2);
    assertThat(scope.stats().falseHitRate().falseHits()).isEqualTo(1);
    assertThat(checked.stats().falseHitRate().rate()).isEqualTo(0.5);
    assertThat(checked.scope("b").stats().falseHitRate().checks()).isZero();
    assertThat(checked.stats().scopes())
        .filteredOn(stats -> stats.scope().equals(scope.name()))
        .singleElement()
        .satisfies(stats -> assertThat(stats.falseHitRate().checks()).isEqualTo(2));
  }

  @Test
  void shadow_invalidatedMeanwhile_notCompared() {
    SemanticCache<String> checked = cache(from -> from.shadowRate(1));
    checked.put("at 0", "zero");
    checked.find("at 1");
    checked.invalidateAll();
    checked.put("at 1", "one");
    checked.find("at 2");
    checked.put("at 2", "one");
    await().until(() -> checked.stats().falseHitRate().checks() == 1);
    assertThat(checked.stats().falseHitRate().falseHits()).isZero();
  }

  @Test
  void shadow_comparisonThrows_countedAsNoResult() {
    SemanticCache<String> checked =
        cache(
            from ->
                from.shadowRate(1)
                    .sameAnswer(
                        (kept, own) -> {
                          throw new IllegalStateException("503");
                        }));
    checked.put("at 0", "zero");
    checked.find("at 1");
    checked.put("at 1", "one");
    await().until(() -> checked.stats().checkFailureCount() == 1);
    assertThat(checked.stats().falseHitRate().checks()).isZero();
  }

  @Test
  void strict_scopeAnswersNothingUntilItHasProvedItself() {
    SemanticCache<String> strict = cache(from -> from.strict(0.1));
    SemanticScope<String> scope = strict.scope("a");
    scope.put("at 0", "v");
    int checks = 0;
    assertThat(scope.find("at 0")).isEmpty(); // not even that
    while (!scope.stats().serving()) {
      String asked = "at " + (checks % 10 + 1) + "." + checks;
      assertThat(scope.find(asked)).isEmpty();
      scope.put(asked, "v");
      int done = ++checks;
      await().until(() -> scope.stats().falseHitRate().checks() == done);
    }
    assertThat(checks).isBetween(20, 60);
    assertThat(scope.stats().falseHitRate().anyTimeUpperBound()).isLessThanOrEqualTo(0.1);
    assertThat(scope.find("at 0")).isPresent();
    assertThat(strict.scope("b").stats().serving()).isFalse();
  }

  @Test
  void strict_comparisonsHang_stopsServing() {
    CountDownLatch over = new CountDownLatch(1);
    AtomicBoolean hanging = new AtomicBoolean();
    SemanticCache<String> strict =
        cache(
            from ->
                from.strict(0.5)
                    .shadowRate(1)
                    .verifierTimeout(Duration.ofMillis(200))
                    .sameAnswer(
                        (kept, own) -> {
                          while (hanging.get() && over.getCount() > 0) {
                            try {
                              over.await();
                            } catch (InterruptedException e) {
                              // as a client without timeouts would
                            }
                          }
                          return true;
                        }));
    SemanticScope<String> scope = strict.scope("a");
    scope.put("at 0", "v");
    for (int i = 1; !scope.stats().serving(); i++) {
      check(scope, i, i);
    }
    assertThat(scope.find("at 0")).isPresent();
    long checks = scope.stats().falseHitRate().checks();
    hanging.set(true);
    for (int i = 1; i <= 3; i++) {
      scope.find("at 5." + i);
      scope.put("at 5." + i, "v");
    }
    await().until(() -> scope.stats().checkFailureCount() == 3);
    assertThat(scope.stats().serving()).isFalse();
    assertThat(scope.find("at 0")).isEmpty();
    assertThat(scope.stats().falseHitRate().checks()).isEqualTo(checks);
    hanging.set(false);
    over.countDown();
    await()
        .until(
            () -> {
              scope.find("at 6");
              scope.put("at 6", "v");
              strict.invalidate(SemanticPartition.of(scope.name(), "").id("at 6"));
              return scope.stats().serving();
            });
    assertThat(scope.find("at 0")).isPresent();
  }

  private static void check(SemanticScope<String> scope, int asked, int checks) {
    scope.find("at 1." + asked);
    scope.put("at 1." + asked, "v");
    await().until(() -> scope.stats().falseHitRate().checks() == checks);
  }

  @Test
  void strict_falseHits_staysOff() {
    SemanticCache<String> strict = cache(from -> from.strict(0.1));
    SemanticScope<String> scope = strict.scope("a");
    scope.put("at 0", "v0");
    for (int i = 1; i <= 100; i++) {
      assertThat(scope.find("at 1." + i)).isEmpty();
      scope.put("at 1." + i, i % 10 == 0 ? "other" + i : "v0");
    }
    await().until(() -> scope.stats().falseHitRate().checks() == 100);
    assertThat(scope.stats().falseHitRate().rate()).isGreaterThanOrEqualTo(0.1);
    assertThat(scope.stats().serving()).isFalse();
  }

  @Test
  void invalidateUserAndTenant_onlyTheirs() {
    Attributes alice = Attributes.of("user.id", "alice", "tenant", "acme");
    Attributes bob = Attributes.of("user.id", "bob", "tenant", "acme");
    Attributes other = Attributes.of("user.id", "alice", "tenant", "other");
    for (Attributes each : List.of(alice, bob, other)) {
      cache.scopeOf(each).put("at 0", "v");
    }
    cache.invalidateByTag("user.id:alice"); // a tag of the application's own
    assertThat(cache.scopeOf(alice).find("at 1")).isPresent();
    cache.invalidateUser("alice");
    assertThat(cache.scopeOf(alice).find("at 1")).isEmpty();
    assertThat(cache.scopeOf(other).find("at 1")).isEmpty();
    assertThat(cache.scopeOf(bob).find("at 1")).isPresent();
    cache.scopeOf(other).put("at 0", "v");
    cache.invalidateTenant("acme");
    assertThat(cache.scopeOf(bob).find("at 1")).isEmpty();
    assertThat(cache.scopeOf(other).find("at 1")).isPresent();
  }

  @Test
  void stats_toString_tellsWhatHappened() {
    cache.put("at 0", "zero");
    cache.find("at 1");
    assertThat(cache.stats()).hasToString("SemanticStats{1 entries, lookup 1, hit 1, put 1}");
  }

  @Test
  void close_forgetsEverything_andKeepsNothingAfter() {
    cache.put("at 0", "zero");
    cache.close();
    assertThat(cache.find("at 0")).isEmpty();
    cache.put("at 90", "late");
    assertThat(cache.find("at 91")).isEmpty();
    assertThat(cache.stats().size()).isZero();
    assertThat(cache.stats().embeddingFailureCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void blankName_refused(String blank) {
    assertThatIllegalArgumentException().isThrownBy(() -> cache.scope(blank));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SemanticCache.builder(Codec.utf8()).name(blank));
  }

  @Test
  void impossibleConfiguration_refusedWithTheValue() {
    SemanticCache.Builder<String> from = SemanticCache.builder(Codec.utf8());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.maximumSize(0))
        .withMessage("maximumSize must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.shadowRate(1.5))
        .withMessage("shadowRate must be from 0 to 1: 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.strict(Double.NaN))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.minimumSimilarity(-2))
        .withMessageContaining("-2.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.timeToLive(Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from.name("x".repeat(65)))
        .withMessageContaining("64");
  }

  private SemanticCache<String> cache(UnaryOperator<SemanticCache.Builder<String>> with) {
    SemanticCache<String> made =
        with.apply(
                SemanticCache.builder(Codec.utf8())
                    .timeToLive(TTL)
                    .clock(clock)
                    .judgement(judgement, judgement))
            .build();
    opened.add(made);
    return made;
  }

  private static void as(Attributes attributes, Runnable action) {
    try (Scope scope = Context.root().with(attributes).makeCurrent()) {
      assertThat(scope.isOpen()).isTrue();
      action.run();
    }
  }
}
