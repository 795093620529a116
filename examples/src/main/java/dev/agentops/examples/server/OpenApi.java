package dev.agentops.examples.server;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaBuilder;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The OpenAPI 3.1 document of the routes, with schemas made from their records. */
final class OpenApi {

  private static final String VERSION = "3.1.0";
  private static final Pattern PATH_PARAMETER = Pattern.compile("\\{(\\w+)}");

  private static final Map<Integer, String> BODY_ERRORS = new LinkedHashMap<>();

  static {
    BODY_ERRORS.put(400, "The body is not JSON");
    BODY_ERRORS.put(409, "The session is busy with another message");
    BODY_ERRORS.put(413, "The body is too large");
    BODY_ERRORS.put(415, "The content type is not application/json");
    BODY_ERRORS.put(422, "The body is JSON, but not what this route takes");
    BODY_ERRORS.put(429, "A rate limit or a budget is used up; Retry-After tells until when");
    BODY_ERRORS.put(502, "The model endpoint failed");
    BODY_ERRORS.put(503, "The server is full or shuts down");
    BODY_ERRORS.put(504, "The model endpoint took too long");
  }

  private final String title;
  private final String description;
  private final String version;
  private final List<Route> routes = new ArrayList<>();

  OpenApi(String title, String description, String version) {
    this.title = title;
    this.description = description;
    this.version = version;
  }

  void add(Route route) {
    routes.add(route);
  }

  byte[] document() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("openapi", VERSION);
    root.putObject("info")
        .put("title", title)
        .put("description", description)
        .put("version", version);
    Set<Class<?>> strict =
        routes.stream().map(route -> route.request).filter(Objects::nonNull).collect(toSet());
    SchemaBuilder schemas = generator(strict).buildMultipleSchemaDefinitions();
    ObjectNode paths = root.putObject("paths");
    for (Route route : routes) {
      ObjectNode path = paths.withObjectProperty(route.path);
      describe(route, path.putObject(route.method), schemas);
    }
    root.putObject("components").set("schemas", schemas.collectDefinitions("components/schemas"));
    return Json.write(root);
  }

  private static void describe(Route route, ObjectNode operation, SchemaBuilder schemas) {
    operation.put("summary", route.summary);
    operation.put("operationId", route.operationId());
    Matcher parameters = PATH_PARAMETER.matcher(route.path);
    while (parameters.find()) {
      ObjectNode parameter = operation.withArrayProperty("parameters").addObject();
      parameter.put("name", parameters.group(1)).put("in", "path").put("required", true);
      parameter.putObject("schema").put("type", "string");
    }
    if (route.request != null) {
      header(operation, ChatRoutes.USER_HEADER, "Who asks; `anonymous` unless said.");
      header(operation, RequestIds.HEADER, "An id for the logs, which the answer carries, too.");
      ObjectNode body = operation.putObject("requestBody").put("required", true);
      content(body, "application/json").set("schema", named(route.request, schemas));
    }
    ObjectNode responses = operation.putObject("responses");
    ObjectNode success = responses.putObject("200").put("description", route.success);
    ObjectNode media = content(success, route.contentType);
    if (route.response != null) {
      media.set("schema", named(route.response, schemas));
    } else {
      media.putObject("schema").put("type", "string");
    }
    route
        .errors()
        .forEach(
            (status, what) -> {
              ObjectNode error = responses.putObject(status.toString()).put("description", what);
              content(error, "application/json").set("schema", named(ApiError.Body.class, schemas));
            });
  }

  /** A reference to the schema under its own name: one that is referred to once is put in place. */
  private static ObjectNode named(Class<?> type, SchemaBuilder schemas) {
    schemas.createSchemaReference(type);
    return schemas.createSchemaReference(type);
  }

  private static void header(ObjectNode operation, String name, String description) {
    ObjectNode parameter = operation.withArrayProperty("parameters").addObject();
    parameter.put("name", name).put("in", "header").put("description", description);
    parameter.putObject("schema").put("type", "string");
  }

  private static ObjectNode content(ObjectNode parent, String type) {
    return parent.putObject("content").putObject(type);
  }

  private static SchemaGenerator generator(Set<Class<?>> strict) {
    SchemaGeneratorConfigBuilder config =
        new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
            .with(new JacksonModule())
            .with(new JakartaValidationModule(JakartaValidationOption.INCLUDE_PATTERN_EXPRESSIONS))
            .with(Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES)
            .without(Option.SCHEMA_VERSION_INDICATOR);
    config
        .forFields()
        .withPropertyNameOverrideResolver(field -> Json.name(field.getDeclaredName()))
        .withRequiredCheck(field -> !isNullable(field))
        .withNullableCheck(OpenApi::isNullable);
    config
        .forTypesInGeneral()
        .withPropertySorter(Comparator.comparingInt(ignored -> 0)) // as they are declared
        .withAdditionalPropertiesResolver(
            type -> strict.contains(type.getType().getErasedType()) ? Void.class : null)
        .withDefinitionNamingStrategy((key, context) -> name(key.getType().getErasedType()));
    return new SchemaGenerator(config.build());
  }

  private static String name(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return outer == null ? type.getSimpleName() : outer.getSimpleName() + type.getSimpleName();
  }

  private static boolean isNullable(FieldScope field) {
    return !field.isFakeContainerItemScope()
        && field.getRawMember().getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /** One operation of the document. */
  static final class Route {

    private final String method;
    private final String path;
    private final String summary;
    private String success = "The answer";
    private String contentType = "application/json";
    private @Nullable Class<?> request;
    private @Nullable Class<?> response;

    private Route(String method, String path, String summary) {
      this.method = method;
      this.path = path;
      this.summary = summary;
    }

    static Route of(String method, String path, String summary) {
      return new Route(method, path, summary);
    }

    Route reading(Class<?> type) {
      request = type;
      return this;
    }

    Route answering(Class<?> type) {
      response = type;
      return this;
    }

    Route answering(String type) {
      contentType = type;
      return this;
    }

    Route streaming() {
      success =
          "Events: `token` ({\"text\"}) for each piece of the answer, then one `done` (the"
              + " ChatResponse) or one `error` (the Body of an error). Comments keep the"
              + " connection alive.";
      contentType = "text/event-stream";
      return this;
    }

    private String operationId() {
      return method + path.replaceAll("\\W+", "_").replaceAll("_$", "");
    }

    private Map<Integer, String> errors() {
      if (request != null) {
        return BODY_ERRORS;
      }
      return PATH_PARAMETER.matcher(path).find()
          ? Map.of(404, "There is none of this id")
          : Map.of();
    }
  }
}
