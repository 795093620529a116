package dev.agentops.cost.jdbc;

import dev.agentops.Clock;
import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageDimensions;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in a database: a SQLite file, which needs no server, or PostgreSQL, which several
 * processes can share. Thread-safe.
 *
 * <p>A record and what it does to all totals are one transaction, so that a process that is killed
 * at any moment leaves totals that are the sum of the records. One thread writes; what callers add
 * at the same time shares a transaction. Unless a {@linkplain Builder#lossWindow loss window} is
 * set, {@link #add} returns after the commit, and nothing of it is lost if the process is killed.
 *
 * <p>Totals are kept for all time, months, days and hours, by dimension, hence read in a moment
 * however many records there are. Sums are exact whatever the amounts. Records and hours are kept
 * for a time, and an id is known for as long as its record: one that is older than the {@linkplain
 * Builder#retention retention} when it is added is refused rather than perhaps counted again.
 *
 * <p>While the database is locked, slow or away, records wait in memory, bounded, and are written
 * when it is back. A caller of {@link #add} or {@link #replace} waits {@link Builder#maximumWait}
 * at most; then {@link LedgerException#isPending()} says that the record is not safe yet and tried
 * further, and {@link #delayedRecords()} counts it. After one waited in vain, the next ones that
 * {@link #add} do not wait until something is written again. To add a record again does no harm.
 * Reads throw {@link LedgerException} then.
 *
 * <p>Names and values longer than 256 characters, or with characters that no database takes, are
 * told by their beginning and a hash. What a failed statement would have written is in no message.
 */
public final class JdbcUsageLedger implements UsageLedger {

  private static final int PAGE = 500;

  private static final Duration FOR_EVER = Duration.ofDays(365_000);

  private final UsageDatabase database;
  private final LedgerWriter writer;
  private final UsageDimensions dimensions;
  private final boolean waits;
  private final Clock clock;
  private final Duration retention;
  private final LongAdder refused = new LongAdder();

  private JdbcUsageLedger(Builder from, ConnectionSource source) {
    database = UsageDatabase.open(source, from.zone);
    dimensions = from.dimensions;
    waits = from.lossWindow.isZero();
    clock = from.clock;
    retention = from.retention;
    Duration hours = from.hourRetention;
    writer =
        new LedgerWriter(
            database,
            from.maximumValues,
            () -> new Retention.Limits(begin(clock, retention), begin(clock, hours)),
            from.maximumWaiting,
            from.lossWindow,
            from.maximumWait,
            clock);
  }

  /**
   * A ledger in a file, which is made if it is not there; with the defaults of {@link Builder}.
   *
   * @throws LedgerException if it cannot be opened
   * @throws IllegalStateException if an optional jar is missing; names it
   */
  public static JdbcUsageLedger sqlite(Path file) {
    return builder().sqlite(file).build();
  }

  /**
   * A ledger in the database that this connects to, PostgreSQL or SQLite; with the defaults of
   * {@link Builder}. The caller closes the data source.
   *
   * @throws IllegalArgumentException if it is another database
   * @throws LedgerException if it cannot be reached
   */
  public static JdbcUsageLedger of(DataSource dataSource) {
    return builder().dataSource(dataSource).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ZoneId zone() {
    return database.zone();
  }

  /**
   * Adds a record to all totals. With a loss window, it returns at once, and true also where a
   * record of this id turns out to be there.
   *
   * @throws LedgerException if it cannot be kept, or is older than {@link Builder#retention}, or,
   *     {@linkplain LedgerException#isPending() pending}, is not safe yet
   */
  @Override
  public boolean add(UsageRecord record) {
    requireRetained(record);
    Entry entry = entry(record, false);
    writer.submit(entry);
    return !waits || writer.await(entry);
  }

  /** {@inheritDoc} Waits for the transaction, with a loss window too. */
  @Override
  public boolean replace(UsageRecord record) {
    Entry entry = entry(record, true);
    writer.submit(entry);
    return writer.await(entry);
  }

  @Override
  public CostStatistics totals(UsageQuery query) {
    return database.read(connection -> UsageSelect.totals(connection, database.dialect(), query));
  }

  @Override
  public Map<String, CostStatistics> totalsBy(String dimension, UsageQuery query) {
    query.requireNoDimension();
    return database.read(
        connection -> UsageSelect.totalsBy(connection, database.dialect(), dimension, query));
  }

  @Override
  public NavigableMap<LocalDate, CostStatistics> days(UsageQuery query) {
    return database.read(connection -> UsageSelect.days(connection, database.dialect(), query));
  }

  @Override
  public NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until) {
    long first = hourOf(from);
    long end = until.getEpochSecond() + (until.getNano() > 0 ? 1 : 0);
    return database.read(
        connection -> UsageSelect.hours(connection, database.dialect(), first, end));
  }

  /**
   * {@inheritDoc} Reads some hundred at a time, and holds no connection while the action runs: of
   * records that are added or removed meanwhile, it may tell some and not others.
   */
  @Override
  public void records(Instant from, Instant until, Consumer<UsageRecord> action) {
    UsageSelect.Place place = new UsageSelect.Place(from);
    List<UsageRecord> page;
    do {
      page = database.read(connection -> UsageSelect.records(connection, place, until, PAGE));
      page.forEach(action);
    } while (page.size() == PAGE);
  }

  @Override
  public long removedRecords() {
    return database.read(UsageSelect::removedRecords);
  }

  @Override
  public long lostRecords() {
    return writer.lost() + refused.sum();
  }

  /** How many calls did not wait longer for a record that is still to be written. */
  public long delayedRecords() {
    return writer.delayed();
  }

  /** How many records wait to be written now. */
  public int waitingRecords() {
    return writer.waiting();
  }

  /**
   * Writes what waits, for 5 seconds or {@link Builder#maximumWait} at most, whichever is more, and
   * counts the rest as {@linkplain #lostRecords() lost}. Closes the file; does nothing to a data
   * source of the caller.
   */
  @Override
  public void close() {
    writer.close();
    database.close();
  }

  /** It may have been there and removed, and would count again. */
  private void requireRetained(UsageRecord record) {
    Instant oldest = begin(clock, retention);
    if (oldest != null && record.timestamp().isBefore(oldest)) {
      refused.increment();
      throw new LedgerException(
          "record "
              + record.id()
              + " of "
              + record.timestamp()
              + " is older than the retention of the usage ledger: "
              + retention);
    }
  }

  private Entry entry(UsageRecord record, boolean replacing) {
    try {
      return new Entry(record, replacing, database.zone(), dimensions);
    } catch (DateTimeException | ArithmeticException e) {
      throw new LedgerException(
          "no ledger has a day for the time of record " + record.id() + ": " + record.timestamp(),
          e);
    }
  }

  private long hourOf(Instant moment) {
    try {
      return Grain.hour(moment, database.zone());
    } catch (DateTimeException e) { // too far for a calendar
      return moment.getEpochSecond();
    }
  }

  private static @Nullable Instant begin(Clock clock, Duration retention) {
    return retention.compareTo(FOR_EVER) > 0 ? null : clock.now().minus(retention);
  }

  /** Configures a {@link JdbcUsageLedger}. Not thread-safe. */
  public static final class Builder {

    /** {@value} values of each dimension. */
    public static final int DEFAULT_MAXIMUM_VALUES = 2_000;

    /** {@value} records. */
    public static final int DEFAULT_MAXIMUM_WAITING = 50_000;

    /** {@value} days, 13 months. */
    public static final int DEFAULT_RETENTION_DAYS = 400;

    /** {@value} days. */
    public static final int DEFAULT_HOUR_RETENTION_DAYS = 62;

    private @Nullable Path file;
    private @Nullable DataSource dataSource;
    private @Nullable ZoneId zone;
    private boolean survivesPowerLoss;
    private Duration lossWindow = Duration.ZERO;
    private Duration maximumWait = Duration.ofSeconds(1);
    private Duration retention = Duration.ofDays(DEFAULT_RETENTION_DAYS);
    private Duration hourRetention = Duration.ofDays(DEFAULT_HOUR_RETENTION_DAYS);
    private int maximumValues = DEFAULT_MAXIMUM_VALUES;
    private int maximumWaiting = DEFAULT_MAXIMUM_WAITING;
    private UsageDimensions dimensions = UsageDimensions.plain();
    private Clock clock = Clock.system();

    private Builder() {}

    /** A SQLite file, which is made if it is not there; needs HikariCP and sqlite-jdbc. */
    public Builder sqlite(Path file) {
      if (file.toString().indexOf('?') >= 0) { // the driver would take the rest for settings
        throw new IllegalArgumentException("the path must not contain '?': '" + file + "'");
      }
      this.file = file;
      return this;
    }

    /**
     * A database of the caller, PostgreSQL or SQLite, who closes it. The ledger keeps one of its
     * connections to write, and takes another for each read. Pools log exceptions of their own
     * accord: give the driver of PostgreSQL {@code logServerErrorDetail=false}, lest it quotes
     * records in them.
     */
    public Builder dataSource(DataSource dataSource) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
      return this;
    }

    /**
     * The zone in which days begin. It is stored; unless said, it is that of the ledger, and UTC
     * for a new one.
     */
    public Builder zone(ZoneId zone) {
      this.zone = Objects.requireNonNull(zone, "zone");
      return this;
    }

    /**
     * How much of what was added may be lost if the process is killed; nothing unless said. Else
     * {@link #add} returns at once, and the totals lag behind by as much. It holds while the
     * database answers, and what is lost at a moment when it does not is at most {@link
     * #maximumWaiting}.
     *
     * @throws IllegalArgumentException if negative
     */
    public Builder lossWindow(Duration window) {
      if (window.isNegative()) {
        throw new IllegalArgumentException("lossWindow must not be negative: " + window);
      }
      this.lossWindow = window;
      return this;
    }

    /**
     * Whether a commit in the SQLite file also outlives the loss of power, for which it waits for
     * the disk. Unless said, it outlives the process, and the last ones may not outlive the
     * machine. For PostgreSQL, its {@code synchronous_commit} says so.
     */
    public Builder survivesPowerLoss(boolean survives) {
      this.survivesPowerLoss = survives;
      return this;
    }

    /**
     * For how long a call waits for a database that is locked, slow or away; 1 second unless said.
     * It is the thread of an agent that waits, once: until the database answers again, further ones
     * do not.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumWait(Duration wait) {
      this.maximumWait = positive("maximumWait", wait);
      return this;
    }

    /**
     * How many records wait in memory at most for such a database, {@value
     * #DEFAULT_MAXIMUM_WAITING} unless said. Further ones are lost, and counted.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumWaiting(int records) {
      this.maximumWaiting = positive("maximumWaiting", records);
      return this;
    }

    /**
     * For how long after its time a record is kept, {@value #DEFAULT_RETENTION_DAYS} days unless
     * said; totals are kept for ever. Older ones cannot be added. It is looked after while records
     * are added, about once a minute.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder retention(Duration retention) {
      this.retention = positive("retention", retention);
      return this;
    }

    /**
     * For how long the totals of an hour are kept, {@value #DEFAULT_HOUR_RETENTION_DAYS} days
     * unless said.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder hourRetention(Duration retention) {
      this.hourRetention = positive("hourRetention", retention);
      return this;
    }

    /**
     * How many values each dimension tells apart, {@value #DEFAULT_MAXIMUM_VALUES} unless said;
     * others are counted together.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumValues(int values) {
      this.maximumValues = positive("maximumValues", values);
      return this;
    }

    /**
     * Totals two dimensions together from now on, as {@link UsageLedger#crossed}; none unless said.
     *
     * @throws IllegalArgumentException if one is blank, or both are the same
     */
    public Builder cross(String first, String second) {
      this.dimensions = dimensions.cross(first, second);
      return this;
    }

    /** By which retention runs; that of the system unless said. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Opens the ledger, and makes its tables where they are not there yet.
     *
     * @throws IllegalArgumentException if neither or both of file and data source are set, the
     *     database is not known, or its ledger has another zone
     * @throws IllegalStateException if an optional jar is missing; names it
     * @throws LedgerException if the database cannot be reached, or is of a newer version
     */
    public JdbcUsageLedger build() {
      if ((file == null) == (dataSource == null)) {
        throw new IllegalArgumentException(
            "a usage ledger needs either a file or a data source: " + file + ", " + dataSource);
      }
      ConnectionSource source = dataSource == null ? openFile() : ConnectionSource.of(dataSource);
      boolean opened = false;
      try {
        JdbcUsageLedger ledger = new JdbcUsageLedger(this, source);
        opened = true;
        return ledger;
      } finally {
        if (!opened) {
          source.close();
        }
      }
    }

    private ConnectionSource openFile() {
      require("org.sqlite.JDBC", "org.xerial:sqlite-jdbc");
      require("com.zaxxer.hikari.HikariDataSource", "com.zaxxer:HikariCP");
      return SqliteFile.open(Objects.requireNonNull(file), survivesPowerLoss);
    }

    private static void require(String className, String artifact) {
      try {
        Class.forName(className, false, JdbcUsageLedger.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "JdbcUsageLedger.sqlite needs " + artifact + " on the class path", e);
      }
    }

    private static Duration positive(String name, Duration value) {
      if (value.isZero() || value.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + value);
      }
      return value;
    }

    private static int positive(String name, int value) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + " must be positive: " + value);
      }
      return value;
    }
  }
}
