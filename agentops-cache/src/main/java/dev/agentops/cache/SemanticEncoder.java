package dev.agentops.cache;

import dev.agentops.cache.wording.Script;
import dev.agentops.cache.wording.SemanticGuard;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.lang.reflect.InvocationTargetException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the embedding model by the script of a text. Thread-safe.
 *
 * <p>A text whose script has no model has no vector: an English model reads Chinese as unknown
 * words, and finds all Chinese questions alike. Models in the process are loaded by {@link #load},
 * or when the first text of their script comes, which takes about a second each.
 */
final class SemanticEncoder {

  private static final String MODELS = "dev.langchain4j.model.embedding.onnx.";
  private static final String GROUP = "dev.langchain4j:langchain4j-embeddings-";

  /** By script, the preferred first: the artifact and its class. */
  private static final Map<Script, List<InProcess>> KNOWN =
      Map.of(
          Script.LATIN,
          List.of(
              new InProcess(
                  "all-minilm-l6-v2-q", "allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel"),
              new InProcess("all-minilm-l6-v2", "allminilml6v2.AllMiniLmL6V2EmbeddingModel")),
          Script.HAN,
          List.of(
              new InProcess(
                  "bge-small-zh-v15-q", "bgesmallzhv15q.BgeSmallZhV15QuantizedEmbeddingModel"),
              new InProcess("bge-small-zh-v15", "bgesmallzhv15.BgeSmallZhV15EmbeddingModel")));

  private static final Logger LOG = LoggerFactory.getLogger(SemanticEncoder.class);

  private final Map<Script, Source> sources;

  private SemanticEncoder(Map<Script, Source> sources) {
    this.sources = sources;
  }

  /**
   * The models found on the class path.
   *
   * @throws IllegalStateException when there is none; its message names the artifacts
   */
  static SemanticEncoder fromClassPath() {
    Map<Script, Source> sources = new EnumMap<>(Script.class);
    KNOWN.forEach(
        (script, models) ->
            models.stream()
                .filter(InProcess::isPresent)
                .findFirst()
                .ifPresent(model -> sources.put(script, new Source(model))));
    if (sources.isEmpty()) {
      throw new IllegalStateException(
          "no embedding model on the class path: add "
              + artifact(Script.LATIN)
              + " for English, "
              + artifact(Script.HAN)
              + " for Chinese, or give the cache a model of your own");
    }
    KNOWN.keySet().stream()
        .filter(script -> !sources.containsKey(script))
        .forEach(
            script ->
                LOG.info(
                    "Questions in {} script are not matched by meaning: {} is not on the class path",
                    script,
                    artifact(script)));
    return new SemanticEncoder(sources);
  }

  /**
   * One model of the caller's for the scripts whose words can be compared: Latin and Chinese.
   *
   * @param name of the vector space: another model must have another name
   */
  static SemanticEncoder of(String name, EmbeddingModel model) {
    Source source = new Source(name, model);
    return new SemanticEncoder(Map.of(Script.LATIN, source, Script.HAN, source));
  }

  /**
   * The vector of a text; null when no model is made for its script, and when it is blank or longer
   * than {@value SemanticGuard#LONGEST} characters.
   *
   * @throws RuntimeException whatever the model throws
   */
  @Nullable SemanticVector encode(String text) {
    if (text.length() > SemanticGuard.LONGEST) {
      return null;
    }
    Source source = sources.get(Script.of(text));
    return source == null ? null : new SemanticVector(source.name, unit(source.embed(text)));
  }

  /** Whether vectors of this space are what {@link #encode} makes. */
  boolean knows(String space) {
    return sources.values().stream().anyMatch(source -> source.name.equals(space));
  }

  /** Loads the models now rather than when they are needed. */
  void load() {
    sources.values().forEach(Source::loaded);
  }

  private static String artifact(Script script) {
    return GROUP + KNOWN.getOrDefault(script, List.of()).get(0).artifact();
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    if (squares == 0) {
      return vector;
    }
    float[] unit = new float[vector.length];
    double length = Math.sqrt(squares);
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / length);
    }
    return unit;
  }

  /** A model in a jar of its own that may be missing. */
  private record InProcess(String artifact, String type) {

    boolean isPresent() {
      String resource = (MODELS + type).replace('.', '/') + ".class";
      return SemanticEncoder.class.getClassLoader().getResource(resource) != null;
    }

    /** Embeds in the caller's thread: the model's own pool would outlive the cache. */
    EmbeddingModel load() {
      try {
        Executor caller = Runnable::run;
        return (EmbeddingModel)
            Class.forName(MODELS + type).getConstructor(Executor.class).newInstance(caller);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(GROUP + artifact + " does not start", e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(GROUP + artifact + " has no class " + type, e);
      }
    }
  }

  /** A model that is loaded once, when it is needed. */
  private static final class Source {
    private final String name;
    private final @Nullable InProcess lazy;
    private volatile @Nullable EmbeddingModel model;

    Source(InProcess lazy) {
      this.name = lazy.artifact();
      this.lazy = lazy;
    }

    Source(String name, EmbeddingModel model) {
      this.name = name;
      this.lazy = null;
      this.model = model;
    }

    float[] embed(String text) {
      return loaded().embed(text).content().vector();
    }

    EmbeddingModel loaded() {
      EmbeddingModel loaded = model;
      return loaded == null ? load() : loaded;
    }

    private synchronized EmbeddingModel load() {
      EmbeddingModel loaded = model;
      if (loaded == null) {
        if (lazy == null) {
          throw new IllegalStateException("no model " + name);
        }
        loaded = lazy.load();
        model = loaded;
      }
      return loaded;
    }
  }
}
