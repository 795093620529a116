package dev.agentops.cost;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call takes from, or charges to, one account of a budget. Immutable.
 *
 * <p>Amounts are in the unit of the budget, see {@link BudgetStore}.
 */
public final class BudgetEntry {

  private final String budget;
  private final String key;
  private final BudgetWindow window;
  private final long amount;
  private final long limit;
  private final boolean rejecting;

  private BudgetEntry(Builder from) {
    budget = from.budget;
    key = from.key;
    window = Objects.requireNonNull(from.window, "window");
    amount = from.amount;
    limit = from.limit;
    rejecting = from.rejecting;
  }

  /**
   * An entry in the account of a key.
   *
   * @param budget the name of the budget
   * @param key whose account; empty where all share one
   */
  public static Builder builder(String budget, String key) {
    return new Builder(budget, key);
  }

  public String budget() {
    return budget;
  }

  public String key() {
    return key;
  }

  /** The window at this moment. */
  public BudgetWindow window() {
    return window;
  }

  /** What the call may cost, or has cost; a correction may be negative. Zero unless said. */
  public long amount() {
    return amount;
  }

  /** What may be spent in the window, without an increase. {@code Long.MAX_VALUE} unless said. */
  public long limit() {
    return limit;
  }

  /** Whether a reservation that has no room is refused. False unless said. */
  public boolean rejecting() {
    return rejecting;
  }

  /** This entry with another amount. */
  public BudgetEntry withAmount(long amount) {
    return builder(budget, key)
        .window(window)
        .amount(amount)
        .limit(limit)
        .rejecting(rejecting)
        .build();
  }

  @Override
  public String toString() {
    return "BudgetEntry{"
        + budget
        + (key.isEmpty() ? "" : "/" + key)
        + ", "
        + amount
        + " of "
        + limit
        + (rejecting ? ", rejecting" : "")
        + ", "
        + window
        + '}';
  }

  /** Collects an entry; the window is required. Not thread-safe. */
  public static final class Builder {

    private final String budget;
    private final String key;
    private @Nullable BudgetWindow window;
    private long amount;
    private long limit = Long.MAX_VALUE;
    private boolean rejecting;

    private Builder(String budget, String key) {
      this.budget = Objects.requireNonNull(budget, "budget");
      this.key = Objects.requireNonNull(key, "key");
    }

    public Builder window(BudgetWindow window) {
      this.window = window;
      return this;
    }

    public Builder amount(long amount) {
      this.amount = amount;
      return this;
    }

    public Builder limit(long limit) {
      this.limit = limit;
      return this;
    }

    public Builder rejecting(boolean rejecting) {
      this.rejecting = rejecting;
      return this;
    }

    public BudgetEntry build() {
      return new BudgetEntry(this);
    }
  }
}
