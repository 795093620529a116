package dev.agentops.cache;

import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the texts of one call: hashes over what decides the vector, the part that all texts
 * share hashed once. Not thread-safe.
 */
final class EmbeddingKeys {

  private static final String VERSION = "agentops-embedding-1";
  private static final String PREFIX = "embedding:";

  private final MessageDigest sha256 = CanonicalHash.sha256();
  private final byte[] shared;

  /**
   * The keys of a call.
   *
   * @throws CanonicalHash.UnhashableException if a parameter is not known to be data
   */
  EmbeddingKeys(EmbeddingModel model, String name, EmbeddingRequestParameters asked) {
    RequestHash hash = new RequestHash(sha256);
    hash.add(VERSION);
    hash.add(String.valueOf(model.provider()));
    hash.add(name);
    EmbeddingRequestParameters defaults = model.defaultRequestParameters();
    hash.add(values(defaults == null ? asked : defaults.overrideWith(asked)));
    shared = hash.finish();
  }

  String of(TextSegment segment) {
    return key(List.of(segment.text()), segment.metadata().toMap());
  }

  String of(EmbeddingInput input) {
    return key(input.contents().stream().map(EmbeddingKeys::plain).toList(), Map.of());
  }

  private String key(List<Object> contents, Map<String, Object> metadata) {
    RequestHash hash = new RequestHash(sha256);
    hash.add(shared);
    hash.add(contents);
    hash.add(metadata);
    return PREFIX + hash.finishHex();
  }

  /** A text as a segment has it, so that both have one key. */
  private static Object plain(Content content) {
    return content.getClass() == TextContent.class ? ((TextContent) content).text() : content;
  }

  private static Map<String, @Nullable Object> values(EmbeddingRequestParameters parameters) {
    Map<String, @Nullable Object> values = new HashMap<>();
    for (EmbeddingParameter<?> parameter : parameters.presentParameters()) {
      values.put(parameter.name(), parameters.parameter(parameter));
    }
    return values;
  }
}
