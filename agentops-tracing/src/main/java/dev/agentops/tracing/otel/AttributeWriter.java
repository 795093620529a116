package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects OpenTelemetry attributes from values of ours. Not thread-safe. */
final class AttributeWriter {

  private final AttributesBuilder attributes = io.opentelemetry.api.common.Attributes.builder();

  /** The same attributes in OpenTelemetry's form. */
  static io.opentelemetry.api.common.Attributes convert(Attributes ours) {
    AttributeWriter writer = new AttributeWriter();
    ours.forEach(writer::put);
    return writer.build();
  }

  /** Adds or replaces; null is ignored, and what is no type of attribute is written as text. */
  AttributeWriter put(String name, @Nullable Object value) {
    if (value instanceof String text) {
      attributes.put(AttributeKey.stringKey(name), text);
    } else if (value instanceof Long || value instanceof Integer) {
      attributes.put(AttributeKey.longKey(name), ((Number) value).longValue());
    } else if (value instanceof Double number) {
      attributes.put(AttributeKey.doubleKey(name), number);
    } else if (value instanceof Boolean flag) {
      attributes.put(AttributeKey.booleanKey(name), flag);
    } else if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      attributes.put(
          AttributeKey.stringArrayKey(name), list.stream().map(String.class::cast).toList());
    } else if (value != null) {
      attributes.put(AttributeKey.stringKey(name), PayloadText.of(value));
    }
    return this;
  }

  io.opentelemetry.api.common.Attributes build() {
    return attributes.build();
  }
}
