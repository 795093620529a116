package dev.agentops.cost;

import dev.agentops.Attributes;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a budget by key, of which there are not more than a number; the others share one.
 * Thread-safe.
 */
final class BudgetAccounts {

  /** The key of a budget that all share. */
  static final String ALL = "";

  /** The key, or part of one, of calls without the attribute. */
  static final String NO_VALUE = "(none)";

  private final BudgetKeeper keeper;
  private final List<String> attributes;
  private final boolean ofRuns;
  private final int maximum;
  private final ConcurrentHashMap<String, BudgetAccount> accounts = new ConcurrentHashMap<>();
  private final LongAdder overflow = new LongAdder();

  /** The end of the window in which room was last looked for: until it ends, none comes free. */
  private long searchedUntilMillis = Long.MIN_VALUE;

  BudgetAccounts(BudgetKeeper keeper, int maximum) {
    this.keeper = keeper;
    this.attributes = keeper.budget().attributes();
    this.ofRuns = keeper.budget().ofRuns();
    this.maximum = maximum;
  }

  /** The account of a call; null where it does not count, because it is not in a run. */
  @Nullable BudgetAccount of(Attributes call) {
    String key = key(call);
    if (key == null) {
      return null;
    }
    BudgetAccount account = accounts.get(key);
    if (account == null) {
      return open(key);
    }
    if (ofRuns) {
      account.use();
    }
    return account;
  }

  /** The account of a key, or null where there is none. */
  @Nullable BudgetAccount get(String key) {
    return accounts.get(key);
  }

  List<String> keys() {
    return accounts.keySet().stream().sorted().toList();
  }

  /** How many calls were counted together because there were too many keys. */
  long overflow() {
    return overflow.sum();
  }

  /** The account of a key, which is opened where there is none. */
  synchronized BudgetAccount open(String key) {
    BudgetAccount account = accounts.get(key);
    if (account != null) {
      return account;
    }
    String name = key;
    if (!shared(key) && full()) {
      overflow.increment();
      name = UsageLedger.OVERFLOW;
      account = accounts.get(name);
    }
    if (account == null) {
      account = keeper.newAccount(name);
      accounts.put(name, account);
    }
    return account;
  }

  private boolean full() {
    if (named() < maximum) {
      return false;
    }
    BudgetWindow window = keeper.window();
    if (ofRuns) {
      forgetThoseAtRest();
    } else if (searchedUntilMillis != window.endMillis()) {
      searchedUntilMillis = window.endMillis();
      accounts.values().removeIf(account -> account.over(window) && account.close());
    }
    return named() >= maximum;
  }

  /** First those that were not used since this was done last; then, if need be, the others. */
  private void forgetThoseAtRest() {
    for (int round = 0; round < 2 && named() >= maximum; round++) {
      for (Iterator<BudgetAccount> all = accounts.values().iterator(); all.hasNext(); ) {
        BudgetAccount account = all.next();
        if (!account.wasUsed() && account.close()) {
          all.remove();
        }
      }
    }
  }

  private int named() {
    int named = accounts.size();
    for (String key : List.of(ALL, NO_VALUE, UsageLedger.OVERFLOW)) {
      named -= accounts.containsKey(key) && shared(key) ? 1 : 0;
    }
    return named;
  }

  /**
   * Whether no value of an attribute can mean this key, so that it does not add to their number.
   */
  private boolean shared(String key) {
    return attributes.isEmpty() || key.equals(NO_VALUE) || key.equals(UsageLedger.OVERFLOW);
  }

  private @Nullable String key(Attributes call) {
    if (attributes.isEmpty()) {
      return ALL;
    }
    if (ofRuns && call.get(Budget.RUN) == null) {
      return null;
    }
    if (attributes.size() == 1) {
      return part(call.text(attributes.get(0)));
    }
    StringBuilder key = new StringBuilder();
    for (String attribute : attributes) {
      String value = call.text(attribute);
      key.append(key.length() == 0 ? "" : ",");
      key.append(part(value == null ? null : value.replace(",", "\\,")));
    }
    return key.toString();
  }

  /** A value, told apart from what stands for none and for too many. */
  private static String part(@Nullable String value) {
    if (value == null) {
      return NO_VALUE;
    }
    boolean special = !value.isEmpty() && (value.charAt(0) == '(' || value.charAt(0) == '\\');
    return special ? '\\' + value : value;
  }
}
