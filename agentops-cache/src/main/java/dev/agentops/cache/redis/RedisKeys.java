package dev.agentops.cache.redis;

/**
 * The names of a cache in Redis, of which the script knows more. All have the namespace as their
 * hash tag, so that a script may touch them together wherever that matters.
 */
final class RedisKeys {

  private final String prefix;

  RedisKeys(String namespace) {
    this.prefix = '{' + namespace + "}:";
  }

  /** What all names begin with. */
  String prefix() {
    return prefix;
  }

  /** What the names of values begin with. */
  String values() {
    return prefix + "d:";
  }

  String value(String key) {
    return values() + key;
  }

  /** The key of a value's name. */
  String key(String value) {
    return value.substring(values().length());
  }

  /** What the names begin with that say who changed what. */
  String changes() {
    return prefix + "c:";
  }

  /** Never there. */
  String nothing() {
    return prefix + "nothing";
  }

  /** A pattern that matches what begins like this. */
  static String pattern(String beginning) {
    return beginning.replaceAll("[\\\\*?\\[\\]]", "\\\\$0") + '*';
  }
}
