package dev.agentops.cache.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.TestClock;
import dev.agentops.cache.CacheStoreException;
import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.WithoutJars;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store does when its file is in the way. */
class SqliteFaultTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("cache.db");
  }

  @Test
  void open_again_valuesAreThere_andTheFileIsItsOwnersOnly() throws Exception {
    try (SqliteCacheStore store = SqliteCacheStore.open(file)) {
      store.put("k", utf8("v"), HOUR, Set.of("t"));
    }
    try (SqliteCacheStore store = SqliteCacheStore.open(file)) {
      assertThat(store.get("k")).hasValue(utf8("v"));
      store.deleteByTag("t");
      assertThat(store.get("k")).isEmpty();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void namespaces_doNotSeeEachOther() {
    try (SqliteCacheStore one = SqliteCacheStore.builder(file).namespace("one").build();
        SqliteCacheStore two = SqliteCacheStore.builder(file).namespace("two").build()) {
      one.put("k", utf8("1"), HOUR, Set.of("t"));
      two.put("k", utf8("2"), HOUR, Set.of("t"));
      one.deleteByTag("t");
      one.deleteByPrefix("k");
      one.clear();
      assertThat(one.get("k")).isEmpty();
      assertThat(two.get("k")).hasValue(utf8("2"));
      assertThat(two.keys("", "").keys()).containsExactly("k");
    }
  }

  @Test
  void configuration_impossible_quoted() {
    SqliteCacheStore.Builder builder = SqliteCacheStore.builder(file);
    assertThatThrownBy(() -> builder.maximumBytes(4096)).hasMessageContaining("4096");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder.namespace("")).hasMessageContaining("''");
    assertThatThrownBy(() -> builder.namespace("a\u0000b")).hasMessageContaining("a\u0000b");
  }

  @Test
  void open_noDatabase_isSaidAndLeftAlone() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no database".repeat(1_000));

    assertThatThrownBy(() -> SqliteCacheStore.open(text))
        .isInstanceOf(CacheStoreException.class)
        .hasMessageContaining(text.toString())
        .hasMessageContaining("not a database");
    assertThatThrownBy(() -> SqliteCacheStore.open(text.resolve("below")))
        .isInstanceOf(CacheStoreException.class)
        .hasMessageContaining("below");
    assertThat(Files.readString(text)).startsWith("no database");
  }

  @Test
  void open_corruptTables_isSaid() throws Exception {
    SqliteCacheStore.open(file).close();
    scribble(100);

    assertThatThrownBy(() -> SqliteCacheStore.open(file))
        .isInstanceOf(CacheStoreException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("malformed");
  }

  @Test
  void open_tablesOfANewerRelease_isRefused() throws Exception {
    SqliteCacheStore.open(file).close();
    try (Connection other = connect()) {
      other.createStatement().execute("UPDATE agentops_cache_schema SET version = 99");
    }

    assertThatThrownBy(() -> SqliteCacheStore.open(file))
        .isInstanceOf(CacheStoreException.class)
        .hasMessage(
            "the tables of the cache store have version 99, made by a newer agentops;"
                + " this one knows versions up to 1");
  }

  @Test
  void damagedWhileInUse_aCacheGoesOn() throws Exception {
    try (MultiLevelCache<String> cache = cache(SqliteCacheStore.open(file))) {
      for (int i = 0; i < 200; i++) {
        cache.put("secret-" + i, "v".repeat(3_000));
      }
      try (Connection other = connect()) {
        other.createStatement().execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      scribble(4_096);
      assertThat(cache.getOrCompute("another", key -> "computed")).isEqualTo("computed");
      cache.invalidate("secret-1");
      cache.put("secret-2", "new");
      assertThat(cache.get("secret-2")).hasValue("new");
    }
  }

  @Test
  void lockedByAnother_failsInTime_andWorksAfterwards() throws Exception {
    try (SqliteCacheStore store =
        SqliteCacheStore.builder(file).timeout(Duration.ofMillis(20)).build()) {
      store.put("k", utf8("v"), HOUR, Set.of());
      try (Connection other = connect()) {
        other.createStatement().execute("BEGIN IMMEDIATE");
        assertThatThrownBy(() -> store.put("k", utf8("new"), HOUR, Set.of()))
            .isInstanceOf(CacheStoreException.class)
            .hasMessageContaining("SQLITE_BUSY")
            .extracting(failure -> ((CacheStoreException) failure).refused())
            .isEqualTo(false);
        assertThatThrownBy(store::check).isInstanceOf(CacheStoreException.class);
        assertThat(store.get("k")).hasValue(utf8("v")); // reading goes on
        other.createStatement().execute("ROLLBACK");
      }
      store.check();
      store.put("k", utf8("new"), HOUR, Set.of());
      assertThat(store.get("k")).hasValue(utf8("new"));
    }
  }

  @Test
  void deletedWhileInUse_anEmptyOneIsBegun() throws Exception {
    try (SqliteCacheStore store = SqliteCacheStore.open(file)) {
      store.put("k", utf8("v"), HOUR, Set.of());
      Files.delete(file);

      assertThat(store.get("k")).isEmpty();
      store.put("k", utf8("new"), HOUR, Set.of());

      try (SqliteCacheStore other = SqliteCacheStore.open(file)) {
        assertThat(other.get("k")).hasValue(utf8("new"));
      }
    }
  }

  @Test
  void twoStores_oneFile_seeEachOther() {
    try (SqliteCacheStore one = SqliteCacheStore.open(file);
        SqliteCacheStore two = SqliteCacheStore.open(file)) {
      one.put("k", utf8("1"), HOUR, Set.of("t"));
      assertThat(two.get("k")).hasValue(utf8("1"));
      two.put("k", utf8("2"), HOUR, Set.of());
      one.deleteByTag("t");
      assertThat(one.get("k")).hasValue(utf8("2"));
      two.delete("k");
      assertThat(one.get("k")).isEmpty();
    }
  }

  @Test
  void closed_isSaid() {
    SqliteCacheStore store = SqliteCacheStore.open(file);
    store.close();
    store.close();
    assertThatThrownBy(() -> store.get("k"))
        .isInstanceOf(CacheStoreException.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 3_000, 100_000})
  void maximumBytes_soonestToExpireGoFirst_andTheFileStaysBelow(int size) throws Exception {
    TestClock clock = TestClock.create();
    long maximum = 2L << 20;
    try (SqliteCacheStore store =
        SqliteCacheStore.builder(file)
            .maximumBytes(maximum)
            .timeout(Duration.ofMinutes(1))
            .clock(clock)
            .build()) {
      store.put("for ever", new byte[size], Duration.ofDays(1_000), Set.of());
      int puts = (int) Math.min(8_000, 4 * maximum / size);
      for (int i = 0; i < puts; i++) {
        store.put("k" + i, random(size, i), HOUR.plusSeconds(i), Set.of("t" + i));
      }

      assertThat(store.get("k" + (puts - 1))).hasValue(random(size, puts - 1));
      assertThat(store.get("for ever")).isPresent();
      if (size > 10) {
        assertThat(store.get("k0")).isEmpty();
        assertThat(store.evictionCount()).isPositive();
        assertThat(total(store) * size).isGreaterThan(maximum / 3);
      }
      assertThat(Files.size(file)).isLessThanOrEqualTo(maximum);
    }
  }

  @Test
  void timeOver_isDeletedByLaterPuts() throws Exception {
    TestClock clock = TestClock.create();
    try (SqliteCacheStore store = SqliteCacheStore.builder(file).clock(clock).build()) {
      for (int i = 0; i < 100; i++) {
        store.put("k" + i, utf8("v"), Duration.ofSeconds(1), Set.of("t"));
      }
      clock.advance(Duration.ofSeconds(2));
      for (int i = 0; i < 10; i++) {
        store.put("one", utf8("v"), HOUR, Set.of());
      }
      try (Connection other = connect();
          var rows =
              other
                  .createStatement()
                  .executeQuery(
                      "SELECT (SELECT count(*) FROM agentops_cache_entries),"
                          + " (SELECT count(*) FROM agentops_cache_tags)")) {
        assertThat(rows.getLong(1)).isEqualTo(1);
        assertThat(rows.getLong(2)).isZero();
      }
      assertThat(store.evictionCount()).isZero();
    }
  }

  @Test
  void put_tooLargeForTheFile_refused() {
    try (SqliteCacheStore store = SqliteCacheStore.builder(file).maximumBytes(1 << 20).build()) {
      assertThatThrownBy(() -> store.put("k", new byte[1 << 20], HOUR, Set.of()))
          .isInstanceOf(CacheStoreException.class)
          .hasMessageContaining("1048576")
          .extracting(failure -> ((CacheStoreException) failure).refused())
          .isEqualTo(true);
    }
  }

  @Test
  void put_manyThreadsAtOnce_noOutage_andAllAreSeenAtOnce() throws Exception {
    int threads = 8;
    int puts = 200;
    List<OpsEvent> events = new CopyOnWriteArrayList<>();
    SqliteCacheStore store = SqliteCacheStore.builder(file).timeout(Duration.ofSeconds(20)).build();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (MultiLevelCache<byte[]> cache =
        MultiLevelCache.builder(Codec.bytes()).remote(store).listener(events::add).build()) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        String prefix = "thread " + i + " ";
        work.add(
            () -> {
              for (int j = 0; j < puts; j++) {
                cache.put(prefix + j, random(2_000, j));
                assertThat(store.get("cache:" + prefix + j)).isPresent();
              }
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
      assertThat(total(store)).isEqualTo((long) threads * puts);
      assertThat(events).isEmpty();
      assertThat(cache.stats().levels().get(1).failureCount()).isZero();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void put_othersOfTheProcessLeaveNoTime_isRefused_andOthersLocksFail() throws Exception {
    SqliteCacheStore store = SqliteCacheStore.builder(file).timeout(Duration.ofSeconds(2)).build();
    List<Boolean> refusals = new CopyOnWriteArrayList<>();
    CountDownLatch allDone = new CountDownLatch(2);
    try (store;
        Connection other = connect()) {
      other.createStatement().execute("BEGIN IMMEDIATE");
      for (int i = 0; i < 2; i++) {
        String key = "k" + i;
        Thread writer =
            new Thread(
                () -> {
                  try {
                    store.put(key, utf8("v"), HOUR, Set.of());
                  } catch (CacheStoreException e) {
                    refusals.add(e.refused());
                  }
                  allDone.countDown();
                });
        writer.setDaemon(true);
        writer.start();
      }
      allDone.await();
      assertThat(refusals).hasSize(2).contains(false);
      other.createStatement().execute("ROLLBACK");
      store.delete("k0");
      store.check();
    }
  }

  @Test
  void put_oneOfAGroupDoesNotFit_theOthersAreKept() throws Exception {
    try (SqliteCacheStore store =
        SqliteCacheStore.builder(file)
            .maximumBytes(1 << 20)
            .timeout(Duration.ofSeconds(20))
            .build()) {
      try (Connection other = connect()) {
        other.createStatement().execute("CREATE TABLE others (data BLOB)");
        other.createStatement().execute("INSERT INTO others VALUES (zeroblob(700000))");
      }
      ExecutorService pool = Executors.newFixedThreadPool(8);
      try {
        List<Callable<Boolean>> work = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          int size = i % 4 == 0 ? 450_000 : 10;
          String key = "k" + i;
          work.add(
              () -> {
                try {
                  store.put(key, new byte[size], HOUR.plusSeconds(size == 10 ? 10 : 0), Set.of());
                  return size == 10;
                } catch (CacheStoreException e) {
                  return size != 10 && e.refused();
                }
              });
        }
        for (Future<Boolean> asExpected : pool.invokeAll(work)) {
          assertThat(asExpected.get()).isTrue();
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 20_000})
  void put_largeTagsIntoANearlyFullFile_isKept(int tags) {
    int tagLength = Math.max(1, 200_000 / tags);
    try (SqliteCacheStore store =
        SqliteCacheStore.builder(file)
            .maximumBytes(4 << 20)
            .timeout(Duration.ofMinutes(1))
            .build()) {
      for (int i = 0; i < 4_000; i++) {
        store.put("k" + i, random(1_000, i), HOUR.plusSeconds(i), Set.of());
      }
      for (int round = 0; round < 5; round++) {
        Set<String> all = new HashSet<>();
        for (int i = 0; i < Math.min(tags, 2_000); i++) {
          all.add(("%06d".formatted(i) + "x".repeat(tagLength)) + round);
        }
        store.put("tagged" + round, utf8("v"), HOUR.plusDays(1), all);
        assertThat(store.get("tagged" + round)).isPresent();
      }
    }
  }

  @Test
  void put_tagsTooLargeForTheFile_refused() {
    try (SqliteCacheStore store = SqliteCacheStore.builder(file).maximumBytes(1 << 20).build()) {
      assertThatThrownBy(() -> store.put("k", new byte[1], HOUR, Set.of("t".repeat(1 << 20))))
          .isInstanceOf(CacheStoreException.class)
          .extracting(failure -> ((CacheStoreException) failure).refused())
          .isEqualTo(true);
    }
  }

  @Test
  void put_fullOfOthers_fails_andReadsGoOn() throws Exception {
    try (SqliteCacheStore store = SqliteCacheStore.builder(file).maximumBytes(1 << 20).build()) {
      store.put("k", utf8("v"), HOUR, Set.of());
      try (Connection other = connect()) {
        other.createStatement().execute("CREATE TABLE others (data BLOB)");
        other.createStatement().execute("INSERT INTO others VALUES (zeroblob(2000000))");
      }
      assertThatThrownBy(() -> store.put("n", new byte[500_000], HOUR, Set.of()))
          .isInstanceOf(CacheStoreException.class)
          .hasMessageContaining("SQLITE_FULL")
          .extracting(failure -> ((CacheStoreException) failure).refused())
          .isEqualTo(true);
      assertThat(store.get("k")).hasValue(utf8("v"));
      try (Connection other = connect()) {
        other.createStatement().execute("DROP TABLE others");
      }
      store.check();
      store.put("n", new byte[500_000], HOUR, Set.of());
      assertThat(store.get("n")).isPresent();
    }
  }

  @Test
  void killed_whileItWrites_opensAgainWithWholeValues() throws Exception {
    Random random = new Random(4);
    for (int kill = 0; kill < 3; kill++) {
      List<String> acknowledged = runAndKill(1 + random.nextInt(300));
      try (SqliteCacheStore store = SqliteCacheStore.open(file)) {
        for (String line : acknowledged) {
          int i = Integer.parseInt(line);
          assertThat(store.get("k" + i)).hasValue(random(5_000, i));
        }
        store.deleteByTag("tag");
        assertThat(total(store)).isZero();
      }
    }
  }

  @Test
  void twoProcesses_writeAtOnce_bothAreKept() throws Exception {
    try (SqliteCacheStore store =
        SqliteCacheStore.builder(file).timeout(Duration.ofMinutes(1)).build()) {
      Thread writer =
          new Thread(
              () -> {
                for (int i = 0; i < 300; i++) {
                  store.put("mine" + i, random(100, i), HOUR, Set.of());
                }
              });
      writer.start();
      List<String> acknowledged = runAndKill(300);
      writer.join();

      for (String line : acknowledged) {
        assertThat(store.get("k" + line)).hasValue(random(5_000, Integer.parseInt(line)));
      }
      for (int i = 0; i < 300; i++) {
        assertThat(store.get("mine" + i)).hasValue(random(100, i));
      }
    }
  }

  @Test
  void withoutTheDriver_oneClearMessage() throws Exception {
    assertThat(WithoutJars.call(OpensAFile.class, "sqlite-jdbc"))
        .isEqualTo("SqliteCacheStore needs org.xerial:sqlite-jdbc on the class path");
  }

  private List<String> runAndKill(int lines) throws Exception {
    List<String> acknowledged = new ArrayList<>();
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PutsForEver.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      String line = reader.readLine();
      while (line != null) {
        if (line.endsWith(";")) { // not half a line, nor one of a library
          acknowledged.add(line.substring(0, line.length() - 1));
        }
        if (acknowledged.size() == lines) {
          child.toHandle().destroyForcibly(); // SIGKILL; what it said is still read below
        }
        line = reader.readLine();
      }
    } finally {
      child.destroyForcibly();
      child.waitFor();
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(lines);
    return acknowledged;
  }

  private static MultiLevelCache<String> cache(SqliteCacheStore store) {
    return MultiLevelCache.builder(Codec.utf8()).remote(store).build();
  }

  private static long total(SqliteCacheStore store) {
    long total = 0;
    String cursor = "";
    while (true) {
      var page = store.keys("", cursor);
      total += page.keys().size();
      if (page.next().isEmpty()) {
        return total;
      }
      cursor = page.next().get();
    }
  }

  /** Overwrites all that is behind the header. */
  private void scribble(int from) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    for (int i = from; i < bytes.length; i++) {
      bytes[i] = 'x';
    }
    Files.write(file, bytes);
  }

  private Connection connect() throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private static byte[] random(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  /** Puts values, and says which are safe. */
  static final class PutsForEver {

    public static void main(String[] args) {
      SqliteCacheStore store =
          SqliteCacheStore.builder(Path.of(args[0])).timeout(Duration.ofMinutes(1)).build();
      for (int i = 0; ; i++) {
        store.put("k" + i, random(5_000, i), HOUR, Set.of("tag"));
        System.out.println(i + ";");
      }
    }
  }

  /** Opens a store. */
  public static final class OpensAFile implements Callable<String> {

    @Override
    public String call() {
      try {
        SqliteCacheStore.open(Path.of("unused.db")).close();
        return "opened";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }
}
