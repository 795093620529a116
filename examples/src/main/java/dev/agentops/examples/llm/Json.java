package dev.agentops.examples.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON in the API's dialect: snake case, unknown fields ignored. */
final class Json {
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** Reads a request body; whatever is wrong with it becomes a 400 that says what and where. */
  static <T> T read(byte[] body, Class<T> type) {
    try {
      @Nullable T value = MAPPER.readValue(body, type);
      if (value == null) {
        throw ApiError.invalid(null, "The request body must be a JSON object: 'null'");
      }
      return value;
    } catch (JsonMappingException e) {
      String path =
          e.getPath().stream()
              .map(step -> step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName())
              .collect(Collectors.joining("."));
      throw ApiError.invalid(
          path.isEmpty() ? null : path,
          "invalid_type",
          "Invalid value for '" + path + "': " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw ApiError.invalid(
          null,
          "We could not parse the JSON body of your request: "
              + e.getOriginalMessage()
              + " (line "
              + e.getLocation().getLineNr()
              + ")");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads text that may not be JSON at all; a missing node when it is not. */
  static JsonNode readLeniently(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node == null ? MissingNode.getInstance() : node;
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
