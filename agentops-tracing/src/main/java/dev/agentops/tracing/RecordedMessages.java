package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.data.pdf.PdfFile;
import dev.langchain4j.data.video.Video;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Turns the messages that spans hold as JSON, {@link GenAiAttributes#INPUT_MESSAGES} and {@link
 * GenAiAttributes#OUTPUT_MESSAGES}, back into LangChain4j's, and those into JSON as spans do.
 *
 * <p>What that JSON has no place for does not come back: attributes of messages, the detail level
 * and the revised prompt of an image, and whether a tool's result is an error.
 */
public final class RecordedMessages {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private RecordedMessages() {}

  /** The messages as a JSON array, as a span holds them. */
  public static String write(List<ChatMessage> messages) {
    return ChatMessageJson.input(messages, Integer.MAX_VALUE).text();
  }

  /**
   * The messages of a JSON array.
   *
   * @throws IllegalArgumentException if it is no such array, or was recorded without full content
   */
  public static List<ChatMessage> read(String json) {
    JsonNode array = tree(json);
    if (!array.isArray()) {
      throw new IllegalArgumentException("not a JSON array of messages: " + excerpt(json));
    }
    List<ChatMessage> messages = new ArrayList<>();
    Map<String, String> toolNames = new HashMap<>();
    for (JsonNode message : array) {
      messages.add(read(message, toolNames));
    }
    return messages;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a JSON array of messages: " + excerpt(json), e);
    }
  }

  private static ChatMessage read(JsonNode message, Map<String, String> toolNames) {
    JsonNode parts = message.path("parts");
    String role = message.path("role").asText();
    return switch (role) {
      case "system" -> SystemMessage.from(text(parts));
      case "user" -> user(message, parts);
      case "assistant" -> assistant(parts, toolNames);
      case "tool" -> toolResult(parts.path(0), toolNames);
      case "custom" -> custom(parts.path(0).path("content"));
      default -> throw new IllegalArgumentException("a message of the unknown role '" + role + "'");
    };
  }

  private static String text(JsonNode parts) {
    StringJoiner text = new StringJoiner("\n");
    for (JsonNode part : parts) {
      text.add(content(part));
    }
    return text.toString();
  }

  private static UserMessage user(JsonNode message, JsonNode parts) {
    UserMessage.Builder user = UserMessage.builder().contents(contents(parts));
    JsonNode name = message.path("name");
    return (name.isTextual() ? user.name(name.asText()) : user).build();
  }

  private static AiMessage assistant(JsonNode parts, Map<String, String> toolNames) {
    AiMessage.Builder message = AiMessage.builder();
    List<ToolExecutionRequest> calls = new ArrayList<>();
    List<Image> images = new ArrayList<>();
    for (JsonNode part : parts) {
      switch (type(part)) {
        case "reasoning" -> message.thinking(content(part));
        case "text" -> message.text(content(part));
        case "tool_call" -> calls.add(toolCall(part, toolNames));
        case "blob", "uri" -> images.add(image(part));
        default -> throw unknown(part);
      }
    }
    if (!images.isEmpty()) {
      message.attributes(Map.of(AiMessage.GENERATED_IMAGES_KEY, images));
    }
    return message.toolExecutionRequests(calls).build();
  }

  private static ToolExecutionRequest toolCall(JsonNode part, Map<String, String> toolNames) {
    ToolExecutionRequest call =
        ToolExecutionRequest.builder()
            .id(textOrNull(part.path("id")))
            .name(textOrNull(part.path("name")))
            .arguments(arguments(part))
            .build();
    if (call.id() != null && call.name() != null) {
      toolNames.put(call.id(), call.name());
    }
    return call;
  }

  /** JSON where the model wrote some, else the text that it wrote in place of it. */
  private static @Nullable String arguments(JsonNode call) {
    JsonNode arguments = call.path("arguments");
    if (arguments.isMissingNode()) {
      throw withoutContent(call);
    }
    return arguments.isValueNode() ? textOrNull(arguments) : arguments.toString();
  }

  /** The result itself does not tell the tool's name: the call with its id, further up, does. */
  private static ToolExecutionResultMessage toolResult(
      JsonNode part, Map<String, String> toolNames) {
    JsonNode response = part.path("response");
    if (response.isMissingNode()) {
      throw withoutContent(part);
    }
    String id = textOrNull(part.path("id"));
    ToolExecutionResultMessage.Builder result =
        ToolExecutionResultMessage.builder().id(id).toolName(toolNames.get(String.valueOf(id)));
    return response.isArray()
        ? result.contents(contents(response)).build()
        : result.text(response.asText()).build();
  }

  private static CustomMessage custom(JsonNode content) {
    return CustomMessage.from(
        content.isObject()
            ? JSON.convertValue(content, JSON.constructType(Map.class))
            : Map.of("content", content.asText()));
  }

  private static List<Content> contents(JsonNode parts) {
    List<Content> contents = new ArrayList<>();
    for (JsonNode part : parts) {
      contents.add(type(part).equals("text") ? TextContent.from(content(part)) : media(part));
    }
    return contents;
  }

  private static Content media(JsonNode part) {
    String uri = textOrNull(part.path("uri"));
    String mimeType = textOrNull(part.path("mime_type"));
    String base64 = uri == null ? content(part) : null;
    return switch (part.path("modality").asText()) {
      case "image" -> ImageContent.from(image(part));
      case "audio" -> {
        Audio.Builder audio = Audio.builder().base64Data(base64).mimeType(mimeType);
        yield AudioContent.from((uri == null ? audio : audio.url(uri)).build());
      }
      case "video" -> {
        Video.Builder video = Video.builder().base64Data(base64).mimeType(mimeType);
        yield VideoContent.from((uri == null ? video : video.url(uri)).build());
      }
      case "document" -> {
        PdfFile.Builder pdf = PdfFile.builder().base64Data(base64);
        yield PdfFileContent.from((uri == null ? pdf : pdf.url(uri)).build());
      }
      default -> throw unknown(part);
    };
  }

  private static Image image(JsonNode part) {
    Image.Builder image = Image.builder().mimeType(textOrNull(part.path("mime_type")));
    String uri = textOrNull(part.path("uri"));
    return (uri == null ? image.base64Data(content(part)) : image.url(uri)).build();
  }

  private static String content(JsonNode part) {
    JsonNode content = part.path("content");
    if (!content.isTextual()) {
      throw withoutContent(part);
    }
    return content.asText();
  }

  private static String type(JsonNode part) {
    return part.path("type").asText();
  }

  private static @Nullable String textOrNull(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? null : value.asText();
  }

  private static IllegalArgumentException withoutContent(JsonNode part) {
    return new IllegalArgumentException(
        "a part of type '" + type(part) + "' was recorded without its content");
  }

  private static IllegalArgumentException unknown(JsonNode part) {
    return new IllegalArgumentException("a part of the unknown type '" + type(part) + "'");
  }

  private static String excerpt(String json) {
    return json.length() <= 80 ? json : json.substring(0, 80) + "...";
  }
}
