package dev.agentops.cost.redis;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of the keys in Redis. All have the namespace as their hash tag, so that a cluster keeps
 * them in one slot, where a script may touch them together.
 */
final class RedisKeys {

  private final String prefix;

  RedisKeys(String namespace) {
    this.prefix = '{' + namespace + "}:";
  }

  /** A hash: what was spent by window, what is reserved, the increase. */
  String account(String budget, String key) {
    return prefix + "account:" + encoded(budget) + ':' + key;
  }

  /** A sorted set of the accounts of a budget, by the time until which they are kept. */
  String index(String budget) {
    return prefix + "accounts:" + encoded(budget);
  }

  /**
   * A hash of running reservations, a sorted set of their leases, and the beginning of the names of
   * the sets of ended ones, one an hour. Mutable.
   */
  List<String> common() {
    return new ArrayList<>(List.of(prefix + "held", prefix + "leases", prefix + "ended:"));
  }

  List<String> with(String account, String index) {
    List<String> names = common();
    names.add(account);
    names.add(index);
    return names;
  }

  /** So that no name can contain the colon that ends it. */
  private static String encoded(String budget) {
    return URLEncoder.encode(budget, StandardCharsets.UTF_8);
  }
}
