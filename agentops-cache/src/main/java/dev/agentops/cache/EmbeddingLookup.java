package dev.agentops.cache;

import dev.agentops.EmbeddingCall;
import dev.agentops.event.CacheEvent;
import dev.langchain4j.data.embedding.Embedding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of an embedding model: what the cache has, and the rest from the model. Not thread-safe.
 *
 * @param <I> what is embedded
 * @param <R> what the model answers with
 */
final class EmbeddingLookup<I, R> {

  private final EmbeddingCache cache;
  private final List<I> inputs;
  private final Function<I, String> text;
  private final boolean refresh;
  private final long generation;
  private final List<String> keys = new ArrayList<>();
  private final Map<String, float[]> vectors;
  private final Map<String, I> missing = new LinkedHashMap<>();

  EmbeddingLookup(
      EmbeddingCache cache,
      List<I> inputs,
      Function<I, String> key,
      Function<I, String> text,
      boolean refresh) {
    this.cache = cache;
    this.refresh = refresh;
    this.generation = cache.generation();
    this.inputs = inputs;
    this.text = text;
    inputs.forEach(input -> keys.add(key.apply(input)));
    vectors = refresh ? new HashMap<>() : cache.find(keys);
    for (int i = 0; i < inputs.size(); i++) {
      if (!vectors.containsKey(keys.get(i))) {
        missing.putIfAbsent(keys.get(i), inputs.get(i));
      }
    }
  }

  /**
   * The answer to the whole call.
   *
   * @param ask asks the model for inputs
   * @param embeddings those of an answer of the model
   * @param whole an answer with these embeddings; the model's own is null if it was not asked
   */
  R answer(
      Function<List<I>, R> ask,
      Function<R, @Nullable List<Embedding>> embeddings,
      BiFunction<List<Embedding>, @Nullable R, R> whole) {
    boolean nothingKnown = missing.size() == inputs.size();
    List<I> asked = nothingKnown ? inputs : List.copyOf(missing.values());
    tell(asked);
    if (asked.isEmpty()) {
      return whole.apply(inOrder(), null);
    }
    R response = ask.apply(asked);
    if (keep(response == null ? null : embeddings.apply(response))) {
      return nothingKnown ? response : whole.apply(inOrder(), response);
    }
    return nothingKnown ? response : ask.apply(inputs); // nobody could tell whose is whose
  }

  /** False, and nothing kept, if these are not one vector an input that was asked for. */
  private boolean keep(@Nullable List<Embedding> made) {
    if (made == null
        || made.size() != missing.size()
        || made.stream().anyMatch(one -> one == null || one.vector().length == 0)) {
      return false;
    }
    int next = 0;
    for (String key : missing.keySet()) {
      float[] vector = made.get(next++).vector().clone(); // its receiver may normalise it
      cache.keep(key, vector, generation);
      vectors.put(key, vector);
    }
    return true;
  }

  private List<Embedding> inOrder() {
    List<Embedding> embeddings = new ArrayList<>();
    for (String key : keys) {
      embeddings.add(Embedding.from(Objects.requireNonNull(vectors.get(key)).clone()));
    }
    return embeddings;
  }

  private CacheEvent.Type type(List<I> asked) {
    if (refresh) {
      return CacheEvent.Type.REFRESH;
    }
    return asked.isEmpty() ? CacheEvent.Type.HIT : CacheEvent.Type.MISS;
  }

  /** Tells the call that this one answers, where a chain is around it. */
  private void tell(List<I> asked) {
    EmbeddingCall call = EmbeddingCall.current();
    if (call != null && call.texts().equals(inputs.stream().map(text).toList())) {
      call.markCachedExcept(asked.stream().map(text).toList());
      call.publish(
          CacheEvent.builder()
              .timestamp(cache.clock().now())
              .cache(cache.name())
              .type(type(asked))
              .attributes(call.attributes())
              .build());
    }
  }
}
