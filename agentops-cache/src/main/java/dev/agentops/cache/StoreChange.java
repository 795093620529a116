package dev.agentops.cache;

/**
 * What is to be forgotten in a store. Immutable.
 *
 * @param token of a lease, else empty
 */
record StoreChange(Kind kind, String what, String token) {

  static final StoreChange EVERYTHING = new StoreChange(Kind.EVERYTHING, "", "");

  static StoreChange key(String key) {
    return new StoreChange(Kind.KEY, key, "");
  }

  static StoreChange prefix(String prefix) {
    return new StoreChange(Kind.PREFIX, prefix, "");
  }

  static StoreChange tag(String tag) {
    return new StoreChange(Kind.TAG, tag, "");
  }

  /** The lease of a key, if it is this one. */
  static StoreChange lease(String key, String token) {
    return new StoreChange(Kind.LEASE, key, token);
  }

  void applyTo(CacheStore store) {
    switch (kind) {
      case KEY -> store.delete(what);
      case PREFIX -> store.deleteByPrefix(what);
      case TAG -> store.deleteByTag(what);
      case LEASE -> {
        if (store instanceof LeasingCacheStore leasing) {
          leasing.release(what, token);
        }
      }
      case EVERYTHING -> store.clear();
    }
  }

  /** Whether the value of a key may be one that is to be forgotten. */
  boolean mayConcern(String key) {
    return switch (kind) {
      case KEY -> key.equals(what);
      case PREFIX -> key.startsWith(what);
      case TAG, EVERYTHING -> true;
      case LEASE -> false;
    };
  }

  /** What is forgotten. */
  enum Kind {
    KEY,
    PREFIX,
    TAG,
    LEASE,
    EVERYTHING
  }
}
