package dev.agentops.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;

/**
 * Values of one type as JSON. No text of a store ever names a class: types whose annotations would
 * let it are refused. Thread-safe.
 */
final class JsonCodec<V> implements Codec<V> {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new Jdk8Module())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          // getters that compute something are written; another shape has another id
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          // allows no class at all: behind the refusal, in case it overlooks one
          .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
          .build();

  private final String id;
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private JsonCodec(JavaType type, String version) {
    id = "json " + version + ' ' + JsonShape.of(type, MAPPER);
    writer = MAPPER.writerFor(type);
    reader = MAPPER.readerFor(type);
  }

  static <V> JsonCodec<V> of(Class<V> type, String version) {
    return new JsonCodec<>(MAPPER.constructType(type), version);
  }

  static <V> JsonCodec<V> of(TypeReference<V> type, String version) {
    return new JsonCodec<>(MAPPER.constructType(type), version);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public byte[] encode(V value) throws IOException {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public V decode(byte[] bytes) throws IOException {
    return reader.readValue(bytes);
  }
}
