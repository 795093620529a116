package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A parameter of a tool, read from the tool's JSON schema. */
record Param(String name, JsonNode schema, boolean required) {
  private static final Set<String> PLACE_WORDS =
      Set.of("zone", "timezone", "tz", "city", "location", "place", "country", "region");
  private static final Set<String> ZONE_WORDS = Set.of("zone", "timezone", "tz");

  static List<Param> of(Wire.Function tool) {
    List<Param> params = new ArrayList<>();
    JsonNode schema = tool.parameters();
    if (schema != null) {
      Set<String> required = new HashSet<>();
      schema.path("required").forEach(name -> required.add(name.asText()));
      for (var property : schema.path("properties").properties()) {
        String name = property.getKey();
        params.add(new Param(name, property.getValue(), required.contains(name)));
      }
    }
    return params;
  }

  boolean isText() {
    return schema.path("type").asText().equals("string") && !schema.has("enum");
  }

  boolean isNumber() {
    String type = schema.path("type").asText();
    return type.equals("number") || type.equals("integer");
  }

  boolean isPlace() {
    return mentions(PLACE_WORDS);
  }

  /** Tells whether a place must be given as a zone id: a parameter "city" takes the city. */
  boolean isZone() {
    Set<String> own = Text.identifierWords(name);
    return own.stream().anyMatch(ZONE_WORDS::contains)
        || (own.stream().noneMatch(PLACE_WORDS::contains) && mentions(ZONE_WORDS));
  }

  String description() {
    return schema.path("description").asText();
  }

  /** Tells whether the name or the description has one of the words. */
  boolean mentions(Set<String> words) {
    Set<String> own = new HashSet<>(Text.identifierWords(name));
    own.addAll(Text.identifierWords(description()));
    return own.stream().anyMatch(words::contains);
  }
}
