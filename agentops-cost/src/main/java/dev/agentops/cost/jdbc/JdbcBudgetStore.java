package dev.agentops.cost.jdbc;

import dev.agentops.cost.BudgetStoreException;
import dev.agentops.cost.RemoteBudgetStore;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Accounts of budgets in PostgreSQL 11 or newer, for processes that share budgets. Thread-safe.
 *
 * <p>Each request is one statement and one transaction: a function in the database, which locks the
 * rows of the accounts in one order for all, so that no two requests wait for each other. Leases
 * and increases end by the time of the server. The tables and functions begin with {@code
 * agentops_budget_} and are created when the store is opened, which needs the right to do so.
 *
 * <p>How a database that is away is dealt with says {@link RemoteBudgetStore}.
 */
public final class JdbcBudgetStore extends RemoteBudgetStore {

  /** 500 ms, unless said. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(500);

  /** For the first connection and the tables. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

  private JdbcBudgetStore(PostgresAccounts accounts, int maximumPending) {
    super(BudgetDatabase.NAME, accounts, maximumPending);
  }

  /**
   * A store with the defaults.
   *
   * @throws IllegalArgumentException if the database is not PostgreSQL
   * @throws dev.agentops.AgentOpsException if its tables were made by a newer release
   * @see #builder(DataSource)
   */
  public static JdbcBudgetStore of(DataSource dataSource) {
    return builder(dataSource).build();
  }

  /**
   * A store in a database.
   *
   * @param dataSource best a pool, with up to eight connections for this store; stays the caller's
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /** Collects what a store needs. Not thread-safe. */
  public static final class Builder {

    private final DataSource dataSource;
    private Duration timeout = DEFAULT_TIMEOUT;
    private int maximumPending = DEFAULT_MAXIMUM_PENDING;

    private Builder(DataSource dataSource) {
      this.dataSource = dataSource;
    }

    /**
     * How long a call of the agent waits at most. 500 ms unless said.
     *
     * @throws IllegalArgumentException if it is not positive, or above a day
     */
    public Builder timeout(Duration timeout) {
      if (timeout.toMillis() < 1 || timeout.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "a timeout must be positive and at most a day: " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    /**
     * How many settlements wait at most while the database is away; more are lost, and counted.
     * {@value RemoteBudgetStore#DEFAULT_MAXIMUM_PENDING} unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumPending(int settlements) {
      this.maximumPending = requirePositive(settlements);
      return this;
    }

    /**
     * Connects and brings the tables up to date. Where the database does not answer, the store is
     * away until it does.
     *
     * @throws IllegalArgumentException if it is not PostgreSQL
     * @throws dev.agentops.AgentOpsException if its tables were made by a newer release
     */
    public JdbcBudgetStore build() {
      BudgetDatabase database = new BudgetDatabase(dataSource, timeout);
      JdbcBudgetStore store = new JdbcBudgetStore(new PostgresAccounts(database), maximumPending);
      try {
        database.connect(START_TIMEOUT);
      } catch (BudgetStoreException e) {
        store.startAway(e);
      }
      return store;
    }
  }
}
