package dev.agentops.examples.server;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tool that searches the bundled handbook by meaning.
 *
 * <p>The handbook never changes, so that what was found for a query is kept, and a question that is
 * asked again costs no embedding. The paragraphs are embedded at the first search, or before by
 * {@link #index()}. Thread-safe.
 */
final class Documents implements AutoCloseable {

  private static final int RESULTS = 3;

  private final EmbeddingModel model;
  private final MultiLevelCache<String> found =
      MultiLevelCache.builder(Codec.utf8()).maximumSize(1_000).build();
  private @Nullable InMemoryEmbeddingStore<TextSegment> store; // guarded by this

  Documents(EmbeddingModel model) {
    this.model = model;
  }

  @Tool(
      name = "search_handbook",
      value = "Searches the agentops handbook and returns the paragraphs that fit best")
  String searchHandbook(@P("What to look for, in words") String query) {
    if (query.isBlank()) {
      return "There is nothing to look for.";
    }
    String key = query.strip().toLowerCase(Locale.ROOT);
    return found.getOrCompute(key, ignored -> search(query.strip()));
  }

  /** Embeds the paragraphs, unless that is done. Throws what the model throws. */
  synchronized InMemoryEmbeddingStore<TextSegment> index() {
    if (store == null) {
      List<TextSegment> paragraphs = paragraphs();
      List<Embedding> embeddings = model.embedAll(paragraphs).content();
      InMemoryEmbeddingStore<TextSegment> fresh = new InMemoryEmbeddingStore<>();
      fresh.addAll(embeddings, paragraphs);
      store = fresh;
    }
    return store;
  }

  @Override
  public void close() {
    found.close();
  }

  private String search(String query) {
    InMemoryEmbeddingStore<TextSegment> paragraphs = index();
    EmbeddingSearchRequest request =
        EmbeddingSearchRequest.builder()
            .queryEmbedding(model.embed(query).content())
            .maxResults(RESULTS)
            .build();
    return paragraphs.search(request).matches().stream()
        .map(match -> match.embedded().text())
        .collect(Collectors.joining("\n\n"));
  }

  private static List<TextSegment> paragraphs() {
    try (InputStream in = Documents.class.getResourceAsStream("handbook.txt")) {
      if (in == null) {
        throw new IllegalStateException("handbook.txt is missing beside " + Documents.class);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.split("\\R\\R+"))
          .map(paragraph -> paragraph.replaceAll("\\s+", " ").strip())
          .filter(paragraph -> !paragraph.isEmpty())
          .map(TextSegment::from)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
