package dev.agentops.cost;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Price files that are read again when they change. Thread-safe.
 *
 * <p>Files may be written in place, replaced by renaming, or be symbolic links that are led
 * elsewhere, as Kubernetes does with a ConfigMap. A file that is missing, half written or malformed
 * changes nothing: the last good prices stay, {@link #lastError()} tells why, and the log says so
 * once. A read that failed for another reason, such as too many open files, is tried again at each
 * look. One daemon thread waits for events of the file system, and looks at the files from time to
 * time where there are none.
 */
public final class WatchedPriceCatalog implements PriceSource, AutoCloseable {

  /** How often files are looked at where the system does not tell of changes. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(WatchedPriceCatalog.class);

  private final List<Path> files;
  private final @Nullable PriceCatalog base;
  private final Duration interval;
  private final Consumer<PriceCatalog> onChange;
  private final Reader reader;
  private final FaultLog faults = new FaultLog(WatchedPriceCatalog.class, Clock.system());
  private final DirectoryWatch watch;
  private volatile PriceCatalog catalog;
  private volatile @Nullable Exception lastError;

  /**
   * What the files were when they were last read; empty where that failed for no fault of theirs.
   * Only the thread that watches uses it.
   */
  private List<FileStamp> stamps;

  private WatchedPriceCatalog(Builder from) throws IOException {
    files = List.copyOf(from.files);
    base = from.base;
    interval = from.interval;
    onChange = from.onChange;
    reader = from.reader;
    stamps = stamps();
    catalog = load();
    watch = new DirectoryWatch(files);
  }

  /**
   * Reads files and watches them; the first that knows a model has its price.
   *
   * @throws IOException if one cannot be read
   * @throws IllegalArgumentException if there is none, or one is malformed
   */
  public static WatchedPriceCatalog watch(Path... files) throws IOException {
    Builder builder = builder();
    for (Path file : files) {
      builder.file(file);
    }
    return builder.start();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The prices that were last read without an error. */
  @Override
  public PriceCatalog catalog() {
    return catalog;
  }

  /** Why the files as they are now are not used; empty where they are. */
  public Optional<Exception> lastError() {
    return Optional.ofNullable(lastError);
  }

  /** Ends the watch; the prices stay. Not waited for: a change may still be seen meanwhile. */
  @Override
  public void close() {
    watch.close();
  }

  private void startThread() {
    Thread thread = new Thread(this::run, "agentops-prices");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (watch.await(interval)) {
      try {
        reloadIfChanged();
      } catch (RuntimeException | Error e) { // the next change must be seen nevertheless
        faults.report("the watch of " + files, e);
      }
    }
  }

  private void reloadIfChanged() {
    List<FileStamp> now = stamps();
    if (now.equals(stamps)) {
      return;
    }
    stamps = List.of(); // unless the files themselves are at fault, a failure is tried again
    try {
      PriceCatalog loaded = load();
      stamps = now; // from before the read: what is written meanwhile is seen the next time
      lastError = null;
      if (!loaded.version().equals(catalog.version())) {
        catalog = loaded;
        log.info("prices changed to {}", loaded.version());
        tell(loaded);
      }
    } catch (IllegalArgumentException e) {
      stamps = now;
      failed(e);
    } catch (IOException | RuntimeException e) {
      failed(e);
    } catch (Error e) { // such as too little memory at the moment
      failed(new IllegalStateException("cannot read " + files, e));
    }
  }

  private void failed(Exception error) {
    Exception before = lastError;
    lastError = error;
    if (before == null || !error.toString().equals(before.toString())) {
      log.warn(
          "changed prices are not used, those of {} stay: {}", catalog.version(), error.toString());
    }
  }

  private void tell(PriceCatalog loaded) {
    try {
      onChange.accept(loaded);
    } catch (RuntimeException | Error e) {
      faults.report("the listener to changed prices", e);
    }
  }

  private PriceCatalog load() throws IOException {
    List<PriceCatalog> layers = new ArrayList<>();
    for (Path file : files) {
      layers.add(reader.read(file));
    }
    if (base != null) {
      layers.add(base);
    }
    return layers.size() == 1 ? layers.get(0) : PriceCatalog.layered(layers);
  }

  private List<FileStamp> stamps() {
    return files.stream().map(FileStamp::of).toList();
  }

  /** How a file is read. */
  interface Reader {
    PriceCatalog read(Path file) throws IOException;
  }

  /** Collects what to watch. Not thread-safe. */
  public static final class Builder {

    private final List<Path> files = new ArrayList<>();
    private @Nullable PriceCatalog base;
    private Duration interval = DEFAULT_INTERVAL;
    private Consumer<PriceCatalog> onChange = catalog -> {};
    private Reader reader = PriceCatalog::load;

    private Builder() {}

    /** Adds a file; a model that several know has the price of the one that was added first. */
    public Builder file(Path file) {
      files.add(Objects.requireNonNull(file, "file"));
      return this;
    }

    /** The prices of models that no file knows; none unless said. */
    public Builder over(PriceCatalog base) {
      this.base = Objects.requireNonNull(base, "base");
      return this;
    }

    /**
     * How often files are looked at where the system does not tell of changes; 5 seconds unless
     * said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder interval(Duration interval) {
      if (interval.isNegative() || interval.isZero()) {
        throw new IllegalArgumentException("interval must be positive: " + interval);
      }
      this.interval = interval;
      return this;
    }

    /** Told of new prices, on the thread that watches; what it throws is logged. */
    public Builder onChange(Consumer<PriceCatalog> onChange) {
      this.onChange = Objects.requireNonNull(onChange, "onChange");
      return this;
    }

    /** For tests: a file system that fails for a while. */
    Builder reader(Reader reader) {
      this.reader = reader;
      return this;
    }

    /**
     * Reads the files and begins to watch.
     *
     * @throws IOException if one cannot be read
     * @throws IllegalArgumentException if there is none, or one is malformed
     */
    public WatchedPriceCatalog start() throws IOException {
      if (files.isEmpty()) {
        throw new IllegalArgumentException("files must not be empty: " + files);
      }
      WatchedPriceCatalog watched = new WatchedPriceCatalog(this);
      watched.startThread();
      return watched;
    }
  }
}
