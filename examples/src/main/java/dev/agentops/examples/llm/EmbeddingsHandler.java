package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The handler of {@code POST /v1/embeddings}, over the in-process model. */
final class EmbeddingsHandler {
  private static final int MAX_INPUTS = 2048;
  private static final int DIMENSION = 384;

  /** Holds the model apart, so that its 16 MB are read at the first request that needs them. */
  private static final class Lazy {
    // Embeds on the calling thread: the default executor's threads are not daemons.
    static final EmbeddingModel MODEL = new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run);
  }

  void handle(Exchange exchange) {
    Wire.EmbeddingRequest request = exchange.body(Wire.EmbeddingRequest.class);
    String model = exchange.knownModel(request.model());
    if (request.dimensions() != null && request.dimensions() != DIMENSION) {
      throw ApiError.invalid(
          "dimensions", "This model has 384 dimensions only: " + request.dimensions());
    }
    boolean base64 = base64(request.encodingFormat());
    List<String> inputs = inputs(request.input());
    List<Embedding> vectors =
        Lazy.MODEL.embedAll(inputs.stream().map(TextSegment::from).toList()).content();
    List<Wire.Embedding> data = new ArrayList<>();
    for (Embedding vector : vectors) {
      Object value = base64 ? encode(vector.vector()) : vector.vector();
      data.add(new Wire.Embedding("embedding", data.size(), value));
    }
    Tokens tokens = Tokens.forModel(model);
    int count = inputs.stream().mapToInt(tokens::count).sum();
    exchange.send(new Wire.Listing("list", data, model, new Wire.EmbeddingUsage(count, count)));
  }

  private static boolean base64(@Nullable String format) {
    if (format == null || format.equals("float")) {
      return false;
    }
    if (format.equals("base64")) {
      return true;
    }
    throw ApiError.invalid(
        "encoding_format",
        "invalid_value",
        "encoding_format must be 'float' or 'base64': '" + format + "'");
  }

  private static List<String> inputs(@Nullable JsonNode input) {
    if (input == null || input.isNull()) {
      throw ApiError.missing("input");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : input.isArray() ? input : List.of(input)) {
      if (!item.isTextual() || item.asText().isBlank()) {
        throw ApiError.invalid(
            "input", "'input' must be a text, or texts, that are not empty: " + item);
      }
      texts.add(item.asText());
    }
    if (texts.isEmpty() || texts.size() > MAX_INPUTS) {
      throw ApiError.invalid("input", "'input' must have 1 to 2048 texts: " + texts.size());
    }
    return texts;
  }

  private static String encode(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
