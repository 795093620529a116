package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes tools as JSON in the format of {@code gen_ai.tool.definitions}, their parameters as JSON
 * schema, when they are read.
 */
final class ToolDefinitionJson {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOOL_BYTES = 500;

  private ToolDefinitionJson() {}

  /** The tools, in at most so many characters. */
  static LazyText of(List<ToolSpecification> tools, int maximumCharacters) {
    return new LazyText(
        () -> {
          ArrayNode all = JSON.createArrayNode();
          tools.forEach(tool -> write(tool, all.addObject()));
          return JsonTruncation.cut(all.toString(), maximumCharacters);
        },
        (long) TOOL_BYTES * tools.size());
  }

  private static void write(ToolSpecification tool, ObjectNode node) {
    node.put("type", "function").put("name", tool.name());
    describe(tool.description(), node);
    if (tool.parameters() != null) {
      node.set("parameters", schema(tool.parameters()));
    }
  }

  private static JsonNode schema(JsonSchemaElement element) {
    ObjectNode node = JSON.createObjectNode();
    if (element instanceof JsonObjectSchema object) {
      node.put("type", "object");
      writeObject(object, node);
    } else if (element instanceof JsonArraySchema array) {
      node.put("type", "array");
      if (array.items() != null) {
        node.set("items", schema(array.items()));
      }
    } else if (element instanceof JsonEnumSchema choice) {
      node.put("type", "string");
      choice.enumValues().forEach(node.withArray("enum")::add);
    } else if (element instanceof JsonAnyOfSchema anyOf) {
      ArrayNode options = node.putArray("anyOf");
      anyOf.anyOf().forEach(option -> options.add(schema(option)));
    } else if (element instanceof JsonReferenceSchema reference) {
      node.put("$ref", "#/$defs/" + reference.reference());
    } else if (element instanceof JsonRawSchema raw) {
      return raw(raw.schema());
    } else {
      writeType(element, node);
    }
    describe(element.description(), node);
    return node;
  }

  private static void writeObject(JsonObjectSchema object, ObjectNode node) {
    writeAll(object.properties(), node.putObject("properties"));
    if (object.required() != null && !object.required().isEmpty()) {
      object.required().forEach(node.putArray("required")::add);
    }
    if (object.additionalProperties() != null) {
      node.put("additionalProperties", object.additionalProperties());
    }
    if (object.definitions() != null && !object.definitions().isEmpty()) {
      writeAll(object.definitions(), node.putObject("$defs"));
    }
  }

  private static void writeAll(Map<String, JsonSchemaElement> schemas, ObjectNode node) {
    schemas.forEach((name, schema) -> node.set(name, schema(schema)));
  }

  /** Without a type, where LangChain4j has a kind that is unknown here: such a schema takes all. */
  private static void writeType(JsonSchemaElement element, ObjectNode node) {
    if (element instanceof JsonStringSchema) {
      node.put("type", "string");
    } else if (element instanceof JsonIntegerSchema) {
      node.put("type", "integer");
    } else if (element instanceof JsonNumberSchema) {
      node.put("type", "number");
    } else if (element instanceof JsonBooleanSchema) {
      node.put("type", "boolean");
    } else if (element instanceof JsonNullSchema) {
      node.put("type", "null");
    }
  }

  private static JsonNode raw(String schema) {
    try {
      return JSON.readTree(schema);
    } catch (JsonProcessingException e) { // the provider will refuse it, too
      return JSON.getNodeFactory().textNode(schema);
    }
  }

  private static void describe(@Nullable String description, ObjectNode node) {
    if (description != null) {
      node.put("description", description);
    }
  }
}
