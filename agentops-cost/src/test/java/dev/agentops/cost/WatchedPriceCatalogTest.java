package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchedPriceCatalogTest {

  private static final Duration SOON = Duration.ofMillis(20);

  @TempDir Path directory;

  private WatchedPriceCatalog watched;

  @AfterEach
  void close() {
    if (watched != null) {
      watched.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {20, 3_600_000}) // by looking, and by events of the file system alone
  void catalog_fileWritten_isTheNewOne(long millis) throws IOException {
    Path file = write("prices.json", prices(1));
    watched = start(Duration.ofMillis(millis), file);
    PriceCatalog before = watched.catalog();

    write("prices.json", prices(2));

    awaitPrice(2);
    assertThat(price(before)).contains(Cost.usd("1"));
  }

  @Test
  void catalog_fileReplacedByRenaming_isTheNewOne() throws IOException {
    Path file = write("prices.json", prices(1));
    watched = start(SOON, file);

    for (int usd = 2; usd < 5; usd++) {
      Path next = write("prices.json.tmp", prices(usd));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      awaitPrice(usd);
    }
  }

  @Test
  void catalog_linkOfAConfigMapLedElsewhere_isTheNewOne() throws IOException {
    Files.createDirectory(directory.resolve("..1"));
    Files.createDirectory(directory.resolve("..2"));
    write("..1/prices.json", prices(1));
    write("..2/prices.json", prices(2));
    Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..1"));
    Path file =
        Files.createSymbolicLink(directory.resolve("prices.json"), Path.of("..data/prices.json"));
    watched = start(Duration.ofHours(1), file);
    assertThat(price(watched.catalog())).contains(Cost.usd("1"));

    Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2"));
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    awaitPrice(2);
  }

  @Test
  void catalog_halfWrittenFile_staysAndNamesTheLine() throws IOException {
    Path file = write("prices.json", prices(1));
    watched = start(SOON, file);
    String version = watched.catalog().version();
    String next = prices(2);

    write("prices.json", next.substring(0, next.length() - 10));

    await().until(() -> watched.lastError().isPresent());
    assertThat(watched.lastError().get())
        .hasMessageContaining("prices.json")
        .hasMessageContaining("line 3");
    assertThat(watched.catalog().version()).isEqualTo(version);
    write("prices.json", next);
    awaitPrice(2);
    assertThat(watched.lastError()).isEmpty();
  }

  @Test
  void catalog_fileDeletedAndBack_staysMeanwhile() throws IOException {
    Path file = write("prices.json", prices(1));
    watched = start(SOON, file);

    Files.delete(file);

    await().until(() -> watched.lastError().isPresent());
    assertThat(watched.lastError().get()).isInstanceOf(NoSuchFileException.class);
    assertThat(price(watched.catalog())).contains(Cost.usd("1"));
    write("prices.json", prices(1));
    await().until(() -> watched.lastError().isEmpty());
    assertThat(price(watched.catalog())).contains(Cost.usd("1"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void catalog_readThatFailsForAWhile_isTriedAgain(Throwable failure) throws IOException {
    AtomicReference<Throwable> failing = new AtomicReference<>();
    AtomicInteger reads = new AtomicInteger();
    Path file = write("prices.json", prices(1));
    watched =
        WatchedPriceCatalog.builder()
            .file(file)
            .interval(SOON)
            .reader(
                read -> {
                  reads.incrementAndGet();
                  Throwable now = failing.get();
                  if (now instanceof IOException io) {
                    throw io;
                  } else if (now instanceof RuntimeException runtime) {
                    throw runtime;
                  } else if (now instanceof Error error) {
                    throw error;
                  }
                  return PriceCatalog.load(read);
                })
            .start();
    failing.set(failure);

    write("prices.json", prices(2));
    await().until(() -> watched.lastError().isPresent() && reads.get() > 3);
    assertThat(watched.lastError().get()).hasStackTraceContaining("Too many open files");
    assertThat(price(watched.catalog())).contains(Cost.usd("1"));
    failing.set(null); // and the file stays as it is

    awaitPrice(2);
    assertThat(watched.lastError()).isEmpty();
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new IOException("Too many open files"),
        new UncheckedIOException(new IOException("Too many open files")),
        new OutOfMemoryError("Too many open files"));
  }

  @Test
  void catalog_malformedFile_isReadOnceOnly() throws IOException {
    AtomicInteger reads = new AtomicInteger();
    AtomicInteger readsOfOther = new AtomicInteger();
    Path file = write("prices.json", prices(1));
    Path other = write("other.json", prices(1));
    watched =
        WatchedPriceCatalog.builder()
            .file(file)
            .interval(SOON)
            .reader(
                read -> {
                  reads.incrementAndGet();
                  return PriceCatalog.load(read);
                })
            .start();

    write("prices.json", "{");
    await().until(() -> watched.lastError().isPresent());
    int before = reads.get();
    try (WatchedPriceCatalog looking =
        WatchedPriceCatalog.builder()
            .file(other)
            .interval(SOON)
            .reader(
                read -> {
                  if (readsOfOther.incrementAndGet() > 1) {
                    throw new IOException("busy");
                  }
                  return PriceCatalog.load(read);
                })
            .start()) {
      write("other.json", prices(2));
      await().until(() -> readsOfOther.get() > 5); // several looks later
    }

    assertThat(reads.get()).isLessThanOrEqualTo(before + 1); // the write may be seen in two steps
  }

  @Test
  void catalog_fileMovedAwayAndBack_hasNoError() throws IOException {
    Path file = write("prices.json", prices(1));
    watched = start(SOON, file);

    Path away = Files.move(file, directory.resolve("away.json"));
    await().until(() -> watched.lastError().isPresent());
    Files.move(away, file); // as it was, to the last stamp

    await().until(() -> watched.lastError().isEmpty());
  }

  @Test
  void onChange_newPrices_isToldAndMayThrow() throws IOException {
    List<String> told = new CopyOnWriteArrayList<>();
    Path file = write("prices.json", prices(1));
    watched =
        WatchedPriceCatalog.builder()
            .file(file)
            .interval(SOON)
            .onChange(
                catalog -> {
                  told.add(catalog.version());
                  throw new IllegalStateException("listener");
                })
            .start();

    write("prices.json", prices(2));
    awaitPrice(2);
    await().until(() -> told.size() == 1);
    write("prices.json", prices(3));
    awaitPrice(3);

    await().untilAsserted(() -> assertThat(told).hasSize(2).endsWith(watched.catalog().version()));
  }

  @Test
  void watch_severalFiles_firstThatKnowsTheModel() throws IOException {
    Path own = write("own.json", prices(1));
    Path list = write("list.json", prices(7).replace("\"m\"", "\"other\""));
    watched =
        WatchedPriceCatalog.builder()
            .file(own)
            .file(list)
            .interval(SOON)
            .over(PriceCatalog.bundled())
            .start();

    assertThat(price(watched.catalog())).contains(Cost.usd("1"));
    assertThat(watched.catalog().find("p", "other")).isNotNull();
    assertThat(watched.catalog().find("openai", "gpt-4o")).isNotNull();
    write("own.json", prices(2));
    awaitPrice(2);
  }

  @Test
  void close_fileWritten_isNotSeen() throws IOException {
    Path file = write("prices.json", prices(1));
    watched = WatchedPriceCatalog.watch(file);

    watched.close();

    await().until(() -> watchers().isEmpty());
    assertThat(price(watched.catalog())).contains(Cost.usd("1"));
  }

  @Test
  void watch_thread_isADaemon() throws IOException {
    watched = WatchedPriceCatalog.watch(write("prices.json", prices(1)));

    assertThat(watchers()).isNotEmpty().allMatch(Thread::isDaemon);
  }

  @Test
  void watch_badStart_failsFast() throws IOException {
    Path broken = write("broken.json", "{");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WatchedPriceCatalog.watch(broken))
        .withMessageContaining("broken.json");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> WatchedPriceCatalog.watch(directory.resolve("none.json")));
    assertThatIllegalArgumentException().isThrownBy(WatchedPriceCatalog::watch);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WatchedPriceCatalog.builder().interval(Duration.ZERO))
        .withMessageContaining("PT0S");
  }

  private static List<Thread> watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("agentops-prices"))
        .toList();
  }

  private static WatchedPriceCatalog start(Duration interval, Path file) throws IOException {
    return WatchedPriceCatalog.builder().file(file).interval(interval).start();
  }

  private void awaitPrice(int usd) {
    await()
        .untilAsserted(
            () -> assertThat(price(watched.catalog())).contains(Cost.usd(String.valueOf(usd))));
  }

  private static Optional<Cost> price(PriceCatalog catalog) {
    return catalog.cost(
        PriceQuery.builder().provider("p").model("m").usage(Usage.of(1_000_000, 0)).build());
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private static String prices(int usd) {
    return """
    {"format": "agentops-prices/2", "version": "v",
     "providers": [{"id": "p", "models": [
       {"id": "m", "prices": [{"rates": {"input": %d}}]}]}]}
    """
        .formatted(usd);
  }
}
