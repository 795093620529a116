package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
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
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes LangChain4j's messages as JSON in the format of {@code gen_ai.input.messages} and {@code
 * gen_ai.output.messages}, when they are read: its messages are immutable, so that spans may keep
 * them until then.
 *
 * <p>What is longer than a maximum is cut, the longest texts first, with a marker that says so. As
 * a shape, it tells roles, kinds of parts, names of tools, lengths and MIME types, and nothing that
 * a user, model or tool has said.
 */
final class ChatMessageJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Far below the depth at which Jackson refuses to write what it has read. */
  private static final int MAXIMUM_ARGUMENT_DEPTH = 100;

  /** Refuses whatever would not be in the tree, or would be there as something else. */
  private static final ObjectMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAXIMUM_ARGUMENT_DEPTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 20.0 would become 2E+1
          .build();

  private static final int MESSAGE_BYTES = 100;

  /** Shorter texts are not cut, whatever the maximum. */
  private static final int SHORT = 256;

  private static final String UNKNOWN_REASON = "unknown"; // a message without one is invalid

  private final boolean shape;
  private final int limit;

  private ChatMessageJson(boolean shape, int limit) {
    this.shape = shape;
    this.limit = limit;
  }

  /**
   * The messages, in at most so many characters, and at least {@value
   * JsonTruncation#SMALLEST_MAXIMUM}.
   */
  static LazyText input(List<ChatMessage> messages, int maximumCharacters) {
    return new LazyText(
        () -> {
          ChatMessageJson writer = of(messages, maximumCharacters);
          return JsonTruncation.cut(writer.array(messages).toString(), maximumCharacters);
        },
        estimatedBytes(messages));
  }

  /** The answer; as {@link #input}. */
  static LazyText output(AiMessage message, @Nullable String finishReason, int maximumCharacters) {
    return new LazyText(
        () -> {
          ChatMessageJson writer = of(List.of(message), maximumCharacters);
          return JsonTruncation.cut(
              writer.array(message, finishReason).toString(), maximumCharacters);
        },
        estimatedBytes(List.of(message)));
  }

  /** The shape of the messages. Written at once, since the messages themselves must not be kept. */
  static String inputShape(List<ChatMessage> messages) {
    return new ChatMessageJson(true, 0).array(messages).toString();
  }

  /** The shape of the answer. */
  static String outputShape(AiMessage message, @Nullable String finishReason) {
    return new ChatMessageJson(true, 0).array(message, finishReason).toString();
  }

  /**
   * The texts of the system messages, in the format of {@code gen_ai.system_instructions}; null
   * where there are none.
   */
  static @Nullable LazyText systemInstructions(List<ChatMessage> messages, int maximumCharacters) {
    List<ChatMessage> system = messages.stream().filter(SystemMessage.class::isInstance).toList();
    if (system.isEmpty()) {
      return null;
    }
    return new LazyText(
        () -> {
          ChatMessageJson writer = of(system, maximumCharacters);
          ArrayNode parts = JSON.createArrayNode();
          system.forEach(message -> writer.addText(parts, ((SystemMessage) message).text()));
          return JsonTruncation.cut(parts.toString(), maximumCharacters);
        },
        estimatedBytes(system));
  }

  /** With a limit such that a text of 50 MB is not written first and cut then. */
  private static ChatMessageJson of(List<ChatMessage> messages, int maximumCharacters) {
    StringLengths lengths = new StringLengths();
    messages.forEach(message -> forEachText(message, text -> lengths.add(text.length())));
    return new ChatMessageJson(false, Math.max(SHORT, lengths.limit(maximumCharacters)));
  }

  private ArrayNode array(List<ChatMessage> messages) {
    ArrayNode all = JSON.createArrayNode();
    messages.forEach(message -> write(message, all.addObject()));
    return all;
  }

  private ArrayNode array(AiMessage message, @Nullable String finishReason) {
    ArrayNode all = JSON.createArrayNode();
    ObjectNode only = all.addObject();
    write(message, only);
    only.put("finish_reason", finishReason == null ? UNKNOWN_REASON : finishReason);
    return all;
  }

  private void write(ChatMessage message, ObjectNode node) {
    if (message instanceof SystemMessage system) {
      addText(parts(node, "system"), system.text());
    } else if (message instanceof UserMessage user) {
      ArrayNode parts = parts(node, "user");
      user.contents().forEach(content -> add(parts, content));
      if (user.name() != null && !shape) {
        node.put("name", user.name());
      }
    } else if (message instanceof AiMessage ai) {
      write(ai, parts(node, "assistant"));
    } else if (message instanceof ToolExecutionResultMessage result) {
      write(result, parts(node, "tool").addObject());
    } else if (message instanceof CustomMessage custom) {
      ArrayNode parts = parts(node, "custom");
      putText(
          parts.addObject().put("type", "attributes"), "content", custom.attributes().toString());
    } else {
      parts(node, "unknown").addObject().put("type", message.getClass().getName());
    }
  }

  private static ArrayNode parts(ObjectNode message, String role) {
    return message.put("role", role).putArray("parts");
  }

  private void write(AiMessage message, ArrayNode parts) {
    if (message.thinking() != null) {
      putText(parts.addObject().put("type", "reasoning"), "content", message.thinking());
    }
    if (message.text() != null) {
      addText(parts, message.text());
    }
    message
        .images()
        .forEach(
            image -> addMedia(parts, "image", image.mimeType(), image.base64Data(), image.url()));
    for (ToolExecutionRequest request : message.toolExecutionRequests()) {
      ObjectNode call = parts.addObject().put("type", "tool_call");
      if (!shape) {
        call.put("id", request.id());
      }
      call.put("name", String.valueOf(request.name()));
      writeArguments(call, request.arguments());
    }
  }

  private void write(ToolExecutionResultMessage result, ObjectNode part) {
    part.put("type", "tool_call_response");
    if (shape) {
      part.put("name", result.toolName());
    } else {
      part.put("id", result.id());
    }
    if (result.hasSingleText()) {
      putText(part, "response", result.text());
    } else {
      ArrayNode contents = part.putArray("response");
      result.contents().forEach(content -> add(contents, content));
    }
  }

  /** As JSON where nothing is lost by that, else, as where a model made a mistake, as text. */
  private void writeArguments(ObjectNode call, @Nullable String arguments) {
    if (arguments == null) {
      call.putNull("arguments");
      return;
    }
    JsonNode tree = shape || arguments.length() > limit ? null : tree(arguments);
    if (tree != null) {
      call.set("arguments", tree);
    } else {
      putText(call, "arguments", arguments);
    }
  }

  private static @Nullable JsonNode tree(String json) {
    try {
      JsonNode tree = STRICT.readTree(json);
      return tree.isMissingNode() ? null : tree; // missing: the text is blank
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private void add(ArrayNode parts, Content content) {
    if (content instanceof TextContent text) {
      addText(parts, text.text());
    } else if (content instanceof ImageContent image) {
      addMedia(
          parts,
          "image",
          image.image().mimeType(),
          image.image().base64Data(),
          image.image().url());
    } else if (content instanceof AudioContent audio) {
      addMedia(
          parts,
          "audio",
          audio.audio().mimeType(),
          audio.audio().base64Data(),
          audio.audio().url());
    } else if (content instanceof VideoContent video) {
      addMedia(
          parts,
          "video",
          video.video().mimeType(),
          video.video().base64Data(),
          video.video().url());
    } else if (content instanceof PdfFileContent pdf) {
      addMedia(
          parts,
          "document",
          pdf.pdfFile().mimeType(),
          pdf.pdfFile().base64Data(),
          pdf.pdfFile().url());
    } else {
      parts.addObject().put("type", content.getClass().getName());
    }
  }

  private void addText(ArrayNode parts, String text) {
    putText(parts.addObject().put("type", "text"), "content", text);
  }

  private void putText(ObjectNode part, String field, String text) {
    if (shape) {
      part.put(field.equals("arguments") ? "arguments_length" : "length", text.length());
    } else {
      part.put(field, cut(text));
    }
  }

  /** JSON stays JSON, such as that of a tool. */
  private String cut(String text) {
    return JsonTruncation.cut(text, limit);
  }

  private void addMedia(
      ArrayNode parts,
      String modality,
      @Nullable String mimeType,
      @Nullable String base64,
      @Nullable URI url) {
    ObjectNode part =
        parts.addObject().put("type", base64 != null ? "blob" : "uri").put("modality", modality);
    if (mimeType != null) {
      part.put("mime_type", mimeType);
    }
    if (base64 != null) {
      putText(part, "content", base64);
    } else if (!shape) {
      part.put("uri", cut(String.valueOf(url)));
    }
  }

  private static long estimatedBytes(List<? extends ChatMessage> messages) {
    long[] bytes = {0};
    for (ChatMessage message : messages) {
      bytes[0] += MESSAGE_BYTES;
      forEachText(message, text -> bytes[0] += Payloads.textBytes(text));
      if (message instanceof AiMessage ai) {
        bytes[0] += (long) MESSAGE_BYTES * ai.toolExecutionRequests().size();
      } else if (message instanceof CustomMessage custom) {
        bytes[0] += Payloads.estimatedBytes(custom.attributes());
      }
    }
    return bytes[0];
  }

  private static void forEachText(ChatMessage message, Consumer<String> action) {
    if (message instanceof SystemMessage system) {
      accept(system.text(), action);
    } else if (message instanceof UserMessage user) {
      accept(user.name(), action);
      user.contents().forEach(content -> forEachText(content, action));
    } else if (message instanceof AiMessage ai) {
      accept(ai.text(), action);
      accept(ai.thinking(), action);
      ai.images().forEach(image -> accept(image.base64Data(), image.url(), action));
      for (ToolExecutionRequest request : ai.toolExecutionRequests()) {
        accept(request.id(), action);
        accept(request.name(), action);
        accept(request.arguments(), action);
      }
    } else if (message instanceof ToolExecutionResultMessage result) {
      accept(result.id(), action);
      accept(result.toolName(), action);
      result.contents().forEach(content -> forEachText(content, action));
    }
  }

  private static void forEachText(Content content, Consumer<String> action) {
    if (content instanceof TextContent text) {
      accept(text.text(), action);
    } else if (content instanceof ImageContent image) {
      accept(image.image().base64Data(), image.image().url(), action);
    } else if (content instanceof AudioContent audio) {
      accept(audio.audio().base64Data(), audio.audio().url(), action);
    } else if (content instanceof VideoContent video) {
      accept(video.video().base64Data(), video.video().url(), action);
    } else if (content instanceof PdfFileContent pdf) {
      accept(pdf.pdfFile().base64Data(), pdf.pdfFile().url(), action);
    }
  }

  /** A {@code data:} URL holds the whole picture. */
  private static void accept(@Nullable String base64, @Nullable URI url, Consumer<String> action) {
    accept(base64, action);
    accept(url == null ? null : url.toString(), action);
  }

  private static void accept(@Nullable String text, Consumer<String> action) {
    if (text != null) {
      action.accept(text);
    }
  }
}
