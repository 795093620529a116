package dev.agentops.cost;

import dev.agentops.Attributes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a budget by key, of which there are not more than a number; the others share one.
 * Of a budget in a store they only remember keys: then those that rested longest are forgotten, and
 * none share. Thread-safe.
 */
final class BudgetAccounts {

  /** The key of a budget that all share. */
  static final String ALL = "";

  /** The key, or part of one, of calls without the attribute. */
  static final String NO_VALUE = "(none)";

  /** {@value}: what indexes of databases take with room to spare. */
  static final int MAXIMUM_KEY_LENGTH = 256;

  private final BudgetKeeper keeper;
  private final List<String> attributes;

  /** The only attribute; null where there is none, or several. */
  private final @Nullable String attribute;

  private final boolean ofRuns;

  /** Whether those that rest may be forgotten before a window is over. */
  private final boolean forgetting;

  private final int maximum;
  private final ConcurrentHashMap<String, BudgetAccount> accounts = new ConcurrentHashMap<>();
  private final LongAdder overflow = new LongAdder();

  /** How many were ever opened. */
  private volatile long opened;

  /** The end of the window in which room was last looked for: until it ends, none comes free. */
  private long searchedUntilMillis = Long.MIN_VALUE;

  /** How many go without looking for accounts at rest, since there were none just now. */
  private int notLooking;

  BudgetAccounts(BudgetKeeper keeper, int maximum) {
    this.keeper = keeper;
    this.attributes = keeper.budget().attributes();
    this.attribute = attributes.size() == 1 ? attributes.get(0) : null;
    this.ofRuns = keeper.budget().ofRuns();
    this.forgetting = ofRuns || keeper.shared();
    this.maximum = maximum;
  }

  /** A key of a length that all stores take; a cut one stays as it is. */
  static String cut(String key) {
    return key.length() > MAXIMUM_KEY_LENGTH ? shortened(key) : key;
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
    if (forgetting) {
      account.usedAt(opened);
    }
    return account;
  }

  /** The account of a key, or null where there is none. */
  @Nullable BudgetAccount get(String key) {
    return accounts.get(key);
  }

  /**
   * Raises the limit of a key.
   *
   * @throws IllegalStateException if there is no room for the key
   */
  void increase(String key, long by, Instant until) {
    BudgetAccount account;
    do {
      account = open(key);
      if (!account.key().equals(key)) {
        throw new IllegalStateException(
            "budget '"
                + keeper.budget().name()
                + "' keeps "
                + maximum
                + " other keys apart and has no room for '"
                + key
                + "'");
      }
    } while (!account.increase(by, until));
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
      opened = opened + 1; // under the lock
      account.usedAt(opened);
      accounts.put(name, account);
    }
    return account;
  }

  private boolean full() {
    if (named() < maximum) {
      return false;
    }
    long nowMillis = keeper.nowMillis();
    BudgetWindow window = keeper.window(nowMillis);
    if (forgetting) {
      forgetThoseAtRest(nowMillis);
    } else if (searchedUntilMillis != window.endMillis()) {
      searchedUntilMillis = window.endMillis();
      accounts.values().removeIf(account -> account.over(window) && account.close(nowMillis));
    }
    return named() >= maximum;
  }

  /**
   * Those that rested while others were opened, half as many of these each time. To find none takes
   * long, and others wait meanwhile: so it is not tried again for a tenth as many keys.
   */
  private void forgetThoseAtRest(long nowMillis) {
    if (notLooking > 0) {
      notLooking--;
      return;
    }
    for (long others = maximum / 2; others > 0 && named() >= maximum; others /= 2) {
      long since = opened - others;
      accounts.values().removeIf(account -> account.usedAt() <= since && account.close(nowMillis));
    }
    if (named() >= maximum) {
      accounts.values().removeIf(account -> account.close(nowMillis));
    }
    if (named() >= maximum) {
      notLooking = maximum / 10;
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
    String key;
    if (attribute != null) {
      String value = call.text(attribute);
      key = value == null && ofRuns ? null : value == null ? NO_VALUE : part(value);
    } else {
      key = attributes.isEmpty() ? ALL : combination(call);
    }
    return key != null && key.length() >= MAXIMUM_KEY_LENGTH ? shortened(key) : key;
  }

  private @Nullable String combination(Attributes call) {
    if (ofRuns && call.get(Budget.RUN) == null) {
      return null;
    }
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < attributes.size(); i++) {
      String value = call.text(attributes.get(i));
      key.append(i == 0 ? "" : ",");
      key.append(value == null ? NO_VALUE : partOfSeveral(value));
    }
    return key.toString();
  }

  /** A value, told apart from what stands for none and for too many. */
  private static String part(String value) {
    boolean special = !value.isEmpty() && (value.charAt(0) == '(' || value.charAt(0) == '\\');
    return special ? '\\' + value : value;
  }

  private static String partOfSeveral(String value) {
    String escaped = value.replace("\\", "\\\\").replace(",", "\\,");
    return escaped.startsWith("(") ? '\\' + escaped : escaped;
  }

  /** The beginning of a key and a hash of it, of exactly the length that no other key has. */
  private static String shortened(String key) {
    String hash = ContentHash.whole(key.getBytes(StandardCharsets.UTF_16BE));
    int beginning = MAXIMUM_KEY_LENGTH - hash.length() - 1;
    String kept = key.substring(0, beginning);
    if (Character.isHighSurrogate(kept.charAt(beginning - 1))) {
      kept = kept.substring(0, beginning - 1) + '\ufffd';
    }
    return kept + '#' + hash;
  }
}
