package dev.agentops.tracing.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What an MCP server answers, whatever the transport: its tools say what the {@code traceparent} of
 * the request was, or go wrong in a way of their own.
 */
final class FakeMcpServer {

  static final int INVALID_PARAMS = -32602;
  static final int INTERNAL_ERROR = -32603;
  static final ObjectMapper JSON = new ObjectMapper();

  private FakeMcpServer() {}

  /** The answer to a request; null for a notification, and where the server falls silent. */
  static @Nullable ObjectNode answer(JsonNode request) {
    if (!request.has("id")) {
      return null;
    }
    ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
    answer.set("id", request.get("id"));
    JsonNode params = request.path("params");
    switch (request.get("method").asText()) {
      case "initialize" -> {
        ObjectNode result = answer.putObject("result").put("protocolVersion", "2025-11-25");
        result.putObject("capabilities").putObject("tools").put("listChanged", true);
        result.putObject("serverInfo").put("name", "fake").put("version", "1");
      }
      case "tools/list" -> {
        boolean first = !params.has("cursor");
        ObjectNode result = answer.putObject("result");
        ObjectNode tool = result.putArray("tools").addObject();
        tool.put("name", first ? "echo" : "broken").put("description", "d");
        tool.putObject("inputSchema").put("type", "object").putObject("properties");
        if (first) {
          result.put("nextCursor", "2");
        }
      }
      case "tools/call" -> {
        return call(params, answer);
      }
      case "resources/list" -> answer.putObject("result").putArray("resources");
      case "resources/templates/list" -> answer.putObject("result").putArray("resourceTemplates");
      case "resources/read" ->
          answer
              .putObject("result")
              .putArray("contents")
              .addObject()
              .put("uri", params.get("uri").asText())
              .put("text", traceparent(params));
      case "prompts/list" -> answer.putObject("result").putArray("prompts");
      case "prompts/get" ->
          answer
              .putObject("result")
              .putArray("messages")
              .addObject()
              .put("role", "user")
              .putObject("content")
              .put("type", "text")
              .put("text", traceparent(params));
      default -> answer.putObject("result");
    }
    return answer;
  }

  static String traceparent(JsonNode params) {
    return params.path("_meta").path("traceparent").asText("none");
  }

  private static @Nullable ObjectNode call(JsonNode params, ObjectNode answer) {
    switch (params.get("name").asText()) {
      case "echo" -> text(answer, traceparent(params), false);
      case "progress" -> text(answer, params.path("_meta").path("progressToken").asText(), false);
      case "broken" -> text(answer, "no such city", true);
      case "invalid" -> error(answer, INVALID_PARAMS, "city is missing");
      case "internal" -> error(answer, INTERNAL_ERROR, "it burns");
      default -> {
        return null;
      }
    }
    return answer;
  }

  private static void text(ObjectNode answer, String text, boolean isError) {
    ObjectNode result = answer.putObject("result").put("isError", isError);
    result.putArray("content").addObject().put("type", "text").put("text", text);
  }

  private static void error(ObjectNode answer, int code, String message) {
    answer.putObject("error").put("code", code).put("message", message);
  }
}
