package dev.agentops.tracing.otel;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flattens messages from the JSON of the GenAI conventions to the attributes of OpenInference, such
 * as {@code llm.input_messages.0.message.content}. What is no such JSON, a message that was cut for
 * one, is left out: it is in {@code input.value} as it is.
 */
final class OpenInferenceMessages {

  private static final String CONTENT = "content";

  private OpenInferenceMessages() {}

  static void write(String prefix, @Nullable String json, AttributeWriter to) {
    JsonNode messages = PayloadText.tree(json);
    if (messages == null || !messages.isArray()) {
      return;
    }
    int i = 0;
    for (JsonNode message : messages) {
      if (message.path("role").isTextual()) {
        writeMessage(prefix + '.' + i++ + ".message.", message, to);
      }
    }
  }

  private static void writeMessage(String name, JsonNode message, AttributeWriter to) {
    to.put(name + "role", message.path("role").textValue());
    to.put(name + "name", message.path("name").textValue());
    List<JsonNode> contents = new ArrayList<>();
    int calls = 0;
    for (JsonNode part : message.path("parts")) {
      switch (part.path("type").asText()) {
        case "tool_call" -> writeCall(name + "tool_calls." + calls++ + ".tool_call.", part, to);
        case "tool_call_response" -> {
          to.put(name + "tool_call_id", part.path("id").textValue());
          to.put(name + CONTENT, text(part.path("response")));
        }
        default -> contents.add(part);
      }
    }
    if (contents.size() == 1 && isText(contents.get(0))) {
      to.put(name + CONTENT, contents.get(0).path(CONTENT).asText());
      return;
    }
    for (int i = 0; i < contents.size(); i++) {
      writeContent(name + "contents." + i + ".message_content.", contents.get(i), to);
    }
  }

  private static void writeCall(String name, JsonNode call, AttributeWriter to) {
    to.put(name + "id", call.path("id").textValue());
    to.put(name + "function.name", call.path("name").textValue());
    to.put(name + "function.arguments", text(call.path("arguments")));
  }

  private static void writeContent(String name, JsonNode part, AttributeWriter to) {
    String type = part.path("type").asText();
    String modality = part.path("modality").asText();
    if (isText(part) || type.equals("reasoning")) {
      to.put(name + "type", type);
      to.put(name + "text", part.path(CONTENT).asText());
    } else if (modality.equals("image")) {
      to.put(name + "type", "image");
      to.put(name + "image.image.url", url(part));
    } else if (modality.equals("audio")) {
      to.put(name + "type", "audio");
      to.put(name + "audio.audio.url", url(part));
      to.put(name + "audio.audio.mime_type", part.path("mime_type").textValue());
    } else { // it has no name for it: shown as it is
      to.put(name + "type", "text");
      to.put(name + "text", part.toString());
    }
  }

  private static boolean isText(JsonNode part) {
    return part.path("type").asText().equals("text");
  }

  private static @Nullable String url(JsonNode part) {
    return part.path("type").asText().equals("blob")
        ? "data:" + part.path("mime_type").asText() + ";base64," + part.path(CONTENT).asText()
        : part.path("uri").textValue();
  }

  private static @Nullable String text(JsonNode any) {
    return any.isMissingNode() || any.isNull()
        ? null
        : any.isTextual() ? any.textValue() : any.toString();
  }
}
