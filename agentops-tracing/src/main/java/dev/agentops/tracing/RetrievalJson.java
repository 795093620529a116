package dev.agentops.tracing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import java.util.List;
import java.util.Map;

/**
 * Writes what was retrieved as JSON in the format of {@code gen_ai.retrieval.documents}: the id and
 * score of each document as far as they are known, and its text.
 */
final class RetrievalJson {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DOCUMENT_BYTES = 100;

  private RetrievalJson() {}

  static LazyText documents(List<Content> contents) {
    List<Content> kept = List.copyOf(contents);
    long bytes = 0;
    for (Content content : kept) {
      bytes += DOCUMENT_BYTES + Payloads.textBytes(content.textSegment().text());
    }
    return new LazyText(
        () -> {
          ArrayNode all = JSON.createArrayNode();
          kept.forEach(content -> write(content, all.addObject()));
          return all.toString();
        },
        bytes);
  }

  private static void write(Content content, ObjectNode node) {
    Map<ContentMetadata, Object> metadata = content.metadata();
    Object id = metadata.get(ContentMetadata.EMBEDDING_ID);
    if (id != null) {
      node.put("id", id.toString());
    }
    Object score =
        metadata.getOrDefault(ContentMetadata.RERANKED_SCORE, metadata.get(ContentMetadata.SCORE));
    if (score instanceof Number number) {
      node.put("score", number.doubleValue());
    }
    node.put("content", content.textSegment().text());
  }
}
