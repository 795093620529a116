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
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes LangChain4j's messages as JSON in the format of {@code gen_ai.input.messages} and {@code
 * gen_ai.output.messages}, when they are read: its messages are immutable, so that spans may keep
 * them until then.
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

  private ChatMessageJson() {}

  static LazyText input(List<ChatMessage> messages) {
    long bytes = 0;
    for (ChatMessage message : messages) {
      bytes += estimatedBytes(message);
    }
    return new LazyText(
        () -> {
          ArrayNode all = JSON.createArrayNode();
          messages.forEach(message -> write(message, all.addObject()));
          return all.toString();
        },
        bytes);
  }

  static LazyText output(AiMessage message, @Nullable String finishReason) {
    return new LazyText(
        () -> {
          ArrayNode all = JSON.createArrayNode();
          ObjectNode only = all.addObject();
          write(message, only);
          if (finishReason != null) {
            only.put("finish_reason", finishReason);
          }
          return all.toString();
        },
        estimatedBytes(message));
  }

  private static void write(ChatMessage message, ObjectNode node) {
    if (message instanceof SystemMessage system) {
      addText(parts(node, "system"), system.text());
    } else if (message instanceof UserMessage user) {
      ArrayNode parts = parts(node, "user");
      user.contents().forEach(content -> add(parts, content));
      if (user.name() != null) {
        node.put("name", user.name());
      }
    } else if (message instanceof AiMessage ai) {
      write(ai, parts(node, "assistant"));
    } else if (message instanceof ToolExecutionResultMessage result) {
      write(result, parts(node, "tool").addObject());
    } else if (message instanceof CustomMessage custom) {
      ArrayNode parts = parts(node, "custom");
      parts
          .addObject()
          .put("type", "attributes")
          .put("content", String.valueOf(custom.attributes()));
    } else {
      parts(node, "unknown").addObject().put("type", message.getClass().getName());
    }
  }

  private static ArrayNode parts(ObjectNode message, String role) {
    return message.put("role", role).putArray("parts");
  }

  private static void write(AiMessage message, ArrayNode parts) {
    if (message.thinking() != null) {
      parts.addObject().put("type", "reasoning").put("content", message.thinking());
    }
    if (message.text() != null) {
      addText(parts, message.text());
    }
    message
        .images()
        .forEach(
            image -> addMedia(parts, "image", image.mimeType(), image.base64Data(), image.url()));
    for (ToolExecutionRequest request : message.toolExecutionRequests()) {
      ObjectNode call =
          parts
              .addObject()
              .put("type", "tool_call")
              .put("id", request.id())
              .put("name", request.name());
      writeArguments(call, request.arguments());
    }
  }

  private static void write(ToolExecutionResultMessage result, ObjectNode part) {
    part.put("type", "tool_call_response").put("id", result.id());
    if (result.hasSingleText()) {
      part.put("response", result.text());
    } else {
      ArrayNode contents = part.putArray("response");
      result.contents().forEach(content -> add(contents, content));
    }
  }

  /** As JSON where nothing is lost by that, else, as where a model made a mistake, as text. */
  private static void writeArguments(ObjectNode call, @Nullable String arguments) {
    JsonNode tree = arguments == null ? null : tree(arguments);
    if (tree != null) {
      call.set("arguments", tree);
    } else {
      call.put("arguments", arguments);
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

  private static void add(ArrayNode parts, Content content) {
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

  private static void addText(ArrayNode parts, String text) {
    parts.addObject().put("type", "text").put("content", text);
  }

  private static void addMedia(
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
      part.put("content", base64);
    } else {
      part.put("uri", String.valueOf(url));
    }
  }

  private static long estimatedBytes(ChatMessage message) {
    long bytes = MESSAGE_BYTES;
    if (message instanceof SystemMessage system) {
      bytes += bytesOf(system.text());
    } else if (message instanceof UserMessage user) {
      bytes += bytesOf(user.name()) + bytesOf(user.contents());
    } else if (message instanceof AiMessage ai) {
      bytes += bytesOf(ai.text()) + bytesOf(ai.thinking());
      for (Image image : ai.images()) {
        bytes += bytesOf(image.base64Data(), image.url());
      }
      for (ToolExecutionRequest request : ai.toolExecutionRequests()) {
        bytes +=
            MESSAGE_BYTES
                + bytesOf(request.id())
                + bytesOf(request.name())
                + bytesOf(request.arguments());
      }
    } else if (message instanceof ToolExecutionResultMessage result) {
      bytes += bytesOf(result.id()) + bytesOf(result.toolName()) + bytesOf(result.contents());
    } else if (message instanceof CustomMessage custom) {
      bytes += Payloads.estimatedBytes(custom.attributes());
    }
    return bytes;
  }

  private static long bytesOf(List<Content> contents) {
    long bytes = 0;
    for (Content content : contents) {
      if (content instanceof TextContent text) {
        bytes += bytesOf(text.text());
      } else if (content instanceof ImageContent image) {
        bytes += bytesOf(image.image().base64Data(), image.image().url());
      } else if (content instanceof AudioContent audio) {
        bytes += bytesOf(audio.audio().base64Data(), audio.audio().url());
      } else if (content instanceof VideoContent video) {
        bytes += bytesOf(video.video().base64Data(), video.video().url());
      } else if (content instanceof PdfFileContent pdf) {
        bytes += bytesOf(pdf.pdfFile().base64Data(), pdf.pdfFile().url());
      }
    }
    return bytes;
  }

  /** A {@code data:} URL holds the whole picture. */
  private static long bytesOf(@Nullable String base64, @Nullable URI url) {
    return bytesOf(base64) + (url == null ? 0 : bytesOf(url.toString()));
  }

  private static long bytesOf(@Nullable String text) {
    return text == null ? 0 : Payloads.textBytes(text);
  }
}
