package dev.agentops.cost;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/**
 * A store of budgets cannot be reached, did not answer in time, or {@linkplain #refused() refused}
 * a request.
 */
public class BudgetStoreException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** An outage: the request may have arrived, and may succeed later. */
  public BudgetStoreException(String message, @Nullable Throwable cause) {
    this(Kind.OUTAGE, message, cause);
  }

  private BudgetStoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** A request that changed nothing and would fail again, such as one of a text beyond bounds. */
  public static BudgetStoreException refusing(String message, @Nullable Throwable cause) {
    return new BudgetStoreException(Kind.REFUSED, message, cause);
  }

  /** A request that was not even sent. */
  static BudgetStoreException unsent(String message) {
    return new BudgetStoreException(Kind.UNSENT, message, null);
  }

  /** Whether the store answered, that it will never take this request. It is no outage then. */
  public boolean refused() {
    return kind == Kind.REFUSED;
  }

  /** Whether the store may have done what was asked without being able to say so. */
  boolean mayBeDone() {
    return kind == Kind.OUTAGE;
  }

  /** Whether the caller was cancelled, which says nothing about the store. */
  boolean interrupted() {
    return getCause() instanceof InterruptedException;
  }

  private enum Kind {
    OUTAGE,
    UNSENT,
    REFUSED
  }
}
