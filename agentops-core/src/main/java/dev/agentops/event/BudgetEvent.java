package dev.agentops.event;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A budget has passed one of its marks, refused a call, or was changed. Immutable. */
public final class BudgetEvent implements OpsEvent {

  /** What happened to a budget. */
  public enum Type {
    /** Spending passed a warning mark; told once a window for each mark. */
    WARNING,
    /** Spending passed a mark from which on calls go to a cheaper model; told once a window. */
    DOWNGRADED,
    /** Spending passed the limit; told once a window. */
    EXCEEDED,
    /** A call was refused because the limit is spent. */
    REJECTED,
    /** Somebody raised the limit for a while. */
    INCREASED,
    /** Somebody made the budget forget what was spent in the window. */
    RESET,
    /** The store that several processes share is away; told once until it is back. */
    STORE_UNAVAILABLE,
    /** The store that several processes share is back. */
    STORE_RECOVERED
  }

  private final Instant timestamp;
  private final String budget;
  private final String key;
  private final Type type;
  private final double share;
  private final Cost spent;
  private final Cost limit;
  private final @Nullable Instant resetsAt;
  private final Attributes attributes;

  private BudgetEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    budget = Objects.requireNonNull(from.budget, "budget");
    type = Objects.requireNonNull(from.type, "type");
    key = from.key;
    share = from.share;
    spent = from.spent;
    limit = from.limit;
    resetsAt = from.resetsAt;
    attributes = from.attributes;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** Those of the scopes around the call; empty where no call is the cause. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  /** The budget's name. */
  public String budget() {
    return budget;
  }

  /** Whose share of it, such as a team; empty where all share one. */
  public String key() {
    return key;
  }

  public Type type() {
    return type;
  }

  /** The mark as a share of the limit: 0.8 for a warning at 80 %, 1.0 for the limit. */
  public double share() {
    return share;
  }

  /** What is spent in this window; zero where the store is away. */
  public Cost spent() {
    return spent;
  }

  /** What may be spent in the window. */
  public Cost limit() {
    return limit;
  }

  /** When the window ends; null where it does not. */
  public @Nullable Instant resetsAt() {
    return resetsAt;
  }

  @Override
  public String toString() {
    return "BudgetEvent{"
        + type
        + " "
        + budget
        + (key.isEmpty() ? "" : "/" + key)
        + ", at "
        + share
        + ": "
        + spent
        + " of "
        + limit
        + ", resets at "
        + resetsAt
        + ", "
        + attributes
        + '}';
  }

  /** Collects what happened; timestamp, budget and type are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private @Nullable String budget;
    private String key = "";
    private @Nullable Type type;
    private double share = 1;
    private Cost spent = Cost.ZERO;
    private Cost limit = Cost.ZERO;
    private @Nullable Instant resetsAt;
    private Attributes attributes = Attributes.empty();

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder budget(String budget) {
      this.budget = budget;
      return this;
    }

    public Builder key(String key) {
      this.key = key;
      return this;
    }

    public Builder type(Type type) {
      this.type = type;
      return this;
    }

    public Builder share(double share) {
      this.share = share;
      return this;
    }

    public Builder spent(Cost spent) {
      this.spent = spent;
      return this;
    }

    public Builder limit(Cost limit) {
      this.limit = limit;
      return this;
    }

    public Builder resetsAt(@Nullable Instant resetsAt) {
      this.resetsAt = resetsAt;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public BudgetEvent build() {
      return new BudgetEvent(this);
    }
  }
}
