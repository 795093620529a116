package dev.agentops.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Map;

/** What is known of the hits of each scope, and of all together. Bounded; thread-safe. */
final class SemanticEvidence {

  /** Scopes whose evidence is remembered. */
  static final int MAXIMUM_SCOPES = 10_000;

  private final ScopeEvidence all = new ScopeEvidence();
  private final Cache<String, ScopeEvidence> scopes =
      Caffeine.newBuilder().maximumSize(MAXIMUM_SCOPES).executor(Runnable::run).build();

  ScopeEvidence all() {
    return all;
  }

  ScopeEvidence of(String scope) {
    return scopes.get(scope, unseen -> new ScopeEvidence());
  }

  Map<String, ScopeEvidence> scopes() {
    return Map.copyOf(scopes.asMap());
  }

  void count(String scope, SemanticCounter counter) {
    of(scope).count(counter);
    all.count(counter);
  }

  void checkFailed(String scope) {
    of(scope).checkFailed();
    count(scope, SemanticCounter.CHECK_FAILURE);
  }

  void checked(String scope, boolean right) {
    of(scope).checked(right);
    all.checked(right);
  }
}
