package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalLlmEmbeddingsTest {
  private static LocalLlm llm;

  @BeforeAll
  static void start() {
    llm = LocalLlm.start();
  }

  @AfterAll
  static void stop() {
    llm.close();
  }

  @Test
  void embedAll_meaningIsCompared() {
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(llm.baseUrl().toString())
            .modelName("text-embedding-3-small")
            .build();

    Response<List<Embedding>> response =
        model.embedAll(
            List.of(
                TextSegment.from("How do I get my money back?"),
                TextSegment.from("Refund policy"),
                TextSegment.from("Volcanoes of Iceland")));

    List<Embedding> vectors = response.content();
    assertThat(vectors).hasSize(3).allMatch(vector -> vector.dimension() == 384);
    assertThat(CosineSimilarity.between(vectors.get(0), vectors.get(1)))
        .isGreaterThan(CosineSimilarity.between(vectors.get(0), vectors.get(2)) + 0.2);
    assertThat(response.tokenUsage().inputTokenCount()).isBetween(12, 20);
  }

  @Test
  void base64_sameVectorAsFloats() {
    JsonNode floats = embedding("{\"model\": \"m\", \"input\": \"a text\"}");
    JsonNode base64 =
        embedding("{\"model\": \"m\", \"input\": [\"a text\"], \"encoding_format\": \"base64\"}");

    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64.asText())).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.remaining()).isEqualTo(384 * Float.BYTES);
    assertThat(bytes.getFloat()).isCloseTo((float) floats.get(0).asDouble(), within(1e-6f));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\": \"m\"}",
        "{\"input\": \"x\"}",
        "{\"model\": \"m\", \"input\": []}",
        "{\"model\": \"m\", \"input\": [\"\"]}",
        "{\"model\": \"m\", \"input\": [1, 2]}",
        "{\"model\": \"m\", \"input\": \"x\", \"encoding_format\": \"hex\"}",
        "{\"model\": \"m\", \"input\": \"x\", \"dimensions\": 1536}"
      })
  void post_badRequest(String body) {
    assertThat(Clients.post(llm, "/embeddings", body).statusCode()).isEqualTo(400);
  }

  private static JsonNode embedding(String body) {
    return Json.readLeniently(Clients.post(llm, "/embeddings", body).body())
        .at("/data/0/embedding");
  }
}
