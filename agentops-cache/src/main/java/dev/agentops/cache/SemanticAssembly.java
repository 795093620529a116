package dev.agentops.cache;

import dev.agentops.FaultLog;
import org.jspecify.annotations.Nullable;

/** Puts the parts of a semantic cache together. */
final class SemanticAssembly {

  private static final long MAXIMUM_STORED_BYTES = 4 * 1024 * 1024;
  private static final long COMPRESS_ABOVE_BYTES = 16 * 1024; // vectors hardly shrink

  private SemanticAssembly() {}

  static <V> SemanticEngine<V> engine(
      SemanticCache.Builder<V> from, TextVectors.Encoder encoder, QuestionCheck check) {
    FaultLog faults = new FaultLog(SemanticCache.class, from.clock);
    SemanticEvidence evidence = new SemanticEvidence();
    SemanticIndex<V> index =
        new SemanticIndex<>(
            from.maximumSize,
            Math.min(from.maximumSize, from.maximumSizePerScope),
            from.maximumBytes);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    TextVectors vectors =
        new TextVectors(
            encoder,
            new TimedRunner("agentops-embedding", threads, from.embeddingTimeout),
            evidence,
            faults);
    SemanticMatcher<V> matcher =
        new SemanticMatcher<>(
            index,
            vectors,
            check,
            from.minimumSimilarity,
            from.verifier,
            new TimedRunner("agentops-verifier", threads, from.verifierTimeout),
            evidence,
            from.clock,
            faults);
    ShadowChecks<V> shadow =
        new ShadowChecks<>(
            from.shadowRate == 0 && from.maximumFalseHitRate < 1
                ? SemanticCache.Builder.DEFAULT_STRICT_SHADOW_RATE
                : from.shadowRate,
            from.maximumFalseHitRate,
            from.sameAnswer,
            evidence,
            SemanticEngine.findable(index),
            new TimedRunner("agentops-shadow", 1, from.verifierTimeout),
            faults);
    Invalidations invalidations = new Invalidations();
    SemanticStore<V> store = store(from, index, vectors, evidence, invalidations, faults);
    return new SemanticEngine<>(
        from.name,
        from.timeToLive,
        index,
        matcher,
        vectors,
        shadow,
        evidence,
        invalidations,
        store,
        from.clock,
        faults);
  }

  private static <V> @Nullable SemanticStore<V> store(
      SemanticCache.Builder<V> from,
      SemanticIndex<V> index,
      TextVectors vectors,
      SemanticEvidence evidence,
      Invalidations invalidations,
      FaultLog faults) {
    CacheStore remote = from.remote;
    if (remote == null) {
      return null;
    }
    StoreWatch watch =
        StoreWatch.tellingBehind(from.name, from.clock, faults, from.listener::onEvent);
    EntryFormat<StoredQuestion<V>> format =
        new EntryFormat<>(
            new StoredQuestionCodec<>(from.codec),
            MAXIMUM_STORED_BYTES,
            COMPRESS_ABOVE_BYTES,
            from.clock);
    SemanticStore<V> store =
        new SemanticStore<>(
            new RemoteLevel<>(NamedStore.of(remote, from.name), format, watch),
            format,
            index,
            vectors,
            evidence,
            invalidations,
            from.maximumSize,
            watch);
    store.start();
    return store;
  }
}
