package dev.agentops.cost;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * Where the accounts of budgets are kept when several processes share them.
 *
 * <p>An account is a budget's name and a key. It has what was spent, by the {@linkplain
 * BudgetWindow#startMillis() start} of the window in which it was, and what running calls have
 * reserved. Reservations belong to the account, not to a window: a call that outlives its window is
 * reserved in the next one, and is charged there. Windows come from the caller; leases and
 * increases end by the store's own clock.
 *
 * <p>Amounts are whole numbers of one unit per budget, a millionth of a millionth of a dollar
 * unless its limit is too large for that: a store adds and compares, and must do so exactly over
 * all of {@code long}.
 *
 * <p>Implementations are thread-safe. Each call waits for a bounded time only.
 */
public interface BudgetStore extends AutoCloseable {

  /**
   * Takes the amount of each entry from its account, or nothing from any.
   *
   * <p>Say {@code taken} is what is spent from {@link BudgetWindow#countsFromMillis()} to {@link
   * BudgetWindow#countsToMillis()} and what is reserved, and {@code limit} the entry's limit and
   * the account's increase. An entry that {@link BudgetEntry#rejecting() rejects} has room if
   * {@code taken} is zero, or {@code taken < limit} and {@code taken + amount <= limit}; it then
   * holds the amount, but not more than {@code limit - taken}. One that does not reject always
   * holds its amount.
   *
   * <p>Reservations whose lease is over are given back before anything is compared. Reserving again
   * under an id that is held changes nothing and is granted again.
   *
   * @param id of the reservation, unique over all processes
   * @param lease after which the reservation is given back unless it was settled
   * @return with a balance for each entry, in their order, after the reservation or, where it was
   *     refused, as it is
   * @throws BudgetStoreException if the store cannot be reached in time; then nothing is held, or
   *     what is held ends with its lease
   */
  BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease);

  /**
   * Ends a reservation, whose lease may be over, and charges each entry's amount to its account in
   * the entry's window. Amounts of zero release the reservation. Also charges what was never
   * reserved. Limits do not matter.
   *
   * <p>The first settlement of an id counts; others change nothing, for as long as the store
   * remembers the id: at least the lease, and at least an hour. A store that cannot be reached
   * keeps the settlement, within bounds, and delivers it once later.
   *
   * @param id of the reservation, or a new one
   * @param entries the accounts of the reservation, in any windows, with what the call has cost
   * @return a balance for each entry, in their order; empty where it is not known, because it will
   *     be delivered later
   * @throws BudgetStoreException if the store {@linkplain BudgetStoreException#refused() refuses}
   *     it for good; then it is lost
   */
  List<BudgetBalance> settle(String id, List<BudgetEntry> entries);

  /**
   * Tells somebody of settlements that are delivered later than they were made, on any thread. A
   * store that delivers none later has nothing to do.
   */
  default void onLateSettlement(LateSettlement listener) {}

  /**
   * The balance of an entry's account in its window; the amount does not matter.
   *
   * @throws BudgetStoreException if the store cannot be reached in time
   */
  BudgetBalance balance(BudgetEntry entry);

  /**
   * The keys of a budget that have an account, ascending.
   *
   * @param most how many at most
   * @throws BudgetStoreException if the store cannot be reached in time
   */
  List<String> keys(String budget, int most);

  /**
   * What was spent by the start of each window that is kept, ascending, the current one included;
   * of the latest where there are more. A window in which nothing was spent may be missing.
   *
   * @param most how many at most
   * @throws BudgetStoreException if the store cannot be reached in time
   */
  SortedMap<Instant, Long> history(String budget, String key, int most);

  /**
   * Raises the limit of an account for a while. Replaces an earlier increase; zero ends it.
   *
   * @param until by the store's clock
   * @throws BudgetStoreException if the store cannot be reached in time
   */
  void increase(String budget, String key, long amount, Instant until);

  /**
   * Forgets what is spent from {@link BudgetWindow#countsFromMillis()} to {@link
   * BudgetWindow#countsToMillis()} of this window. Reservations and the increase stay.
   *
   * @throws BudgetStoreException if the store cannot be reached in time
   */
  void reset(String budget, String key, BudgetWindow window);

  /** Delivers what can be delivered in bounded time, and lets go of connections. */
  @Override
  void close();

  /** Is told of settlements that were delivered late. */
  @FunctionalInterface
  interface LateSettlement {

    /**
     * A settlement was delivered.
     *
     * @param id of the reservation
     * @param balances one for each entry, in their order. Where the store had taken it before
     *     without being able to say so, nothing was spent by it now
     */
    void delivered(String id, List<BudgetEntry> entries, List<BudgetBalance> balances);
  }
}
