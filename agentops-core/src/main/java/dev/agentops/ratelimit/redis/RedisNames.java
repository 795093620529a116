package dev.agentops.ratelimit.redis;

/**
 * The names of the keys in Redis. All have the namespace as their hash tag, so that a cluster keeps
 * them in one slot, where a script may touch them together.
 */
final class RedisNames {

  private final String prefix;

  RedisNames(String namespace) {
    this.prefix = '{' + namespace + "}:";
  }

  /** A text: the levels of a cell's buckets. */
  String cell(String key) {
    return prefix + "l:" + key;
  }

  /** A sorted set: those that hold a place of a cell's concurrency limit. */
  String held(String key) {
    return prefix + "c:" + key;
  }

  /** A mark: that a ticket was settled. */
  String settled(String ticket) {
    return prefix + "s:" + ticket;
  }

  /** What is written to see whether the server takes writes. */
  String check() {
    return prefix + "check";
  }
}
