package dev.agentops.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Cost;
import dev.agentops.usage.UsageJson;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Answers as JSON: what LangChain4j has in common for all providers, and what the answer consumed.
 *
 * <p>What a provider's own classes of metadata and token usage hold besides is not written: the
 * usage report has what of it decides the cost. An answer with attributes that are not plain data,
 * such as generated images, does not encode. No class is ever named in the bytes. Thread-safe.
 */
final class AnswerCodec implements Codec<KeptAnswer> {

  private static final JsonFactory JSON = new JsonFactory();

  private static final ObjectMapper MAPPER =
      new ObjectMapper(JSON).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @Override
  public String id() {
    return "agentops-answer-1";
  }

  @Override
  public byte[] encode(KeptAnswer answer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("madeAt", answer.madeAt().toEpochMilli());
      json.writeNumberField("tookNanos", answer.took().toNanos());
      Cost cost = answer.cost();
      write(json, "cost", cost == null ? null : cost.usd().toString());
      if (answer.report() != null) {
        json.writeFieldName("report");
        UsageJson.write(json, answer.report());
      }
      write(json, answer.response().aiMessage());
      if (answer.response().metadata() != null) {
        write(json, answer.response().metadata());
      }
      ChunkSizes cuts = answer.cuts();
      if (cuts != null) {
        int[] sizes = cuts.sizes();
        json.writeFieldName("chunks");
        json.writeArray(sizes, 0, sizes.length);
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  @Override
  public KeptAnswer decode(byte[] bytes) throws IOException {
    JsonNode json = MAPPER.readTree(bytes);
    AiMessage message = message(json.required("message"));
    ChatResponse.Builder response = ChatResponse.builder().aiMessage(message);
    if (json.has("metadata")) {
      response.metadata(metadata(json.required("metadata")));
    }
    String cost = text(json, "cost");
    return new KeptAnswer(
        response.build(),
        json.has("chunks") ? ChunkSizes.of(ints(json.required("chunks")), message) : null,
        json.has("report") ? UsageJson.report(json.required("report")) : null,
        cost == null ? null : Cost.usd(cost),
        Duration.ofNanos(json.required("tookNanos").longValue()),
        Instant.ofEpochMilli(json.required("madeAt").longValue()));
  }

  private static void write(JsonGenerator json, AiMessage message) throws IOException {
    json.writeObjectFieldStart("message");
    write(json, "text", message.text());
    write(json, "thinking", message.thinking());
    json.writeArrayFieldStart("tools");
    for (ToolExecutionRequest tool : message.toolExecutionRequests()) {
      json.writeStartObject();
      write(json, "id", tool.id());
      write(json, "name", tool.name());
      write(json, "arguments", tool.arguments());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!message.attributes().isEmpty()) {
      json.writeFieldName("attributes");
      PlainData.write(json, message.attributes());
    }
    json.writeEndObject();
  }

  private static AiMessage message(JsonNode json) throws IOException {
    List<ToolExecutionRequest> tools = new ArrayList<>();
    for (JsonNode tool : json.required("tools")) {
      tools.add(
          ToolExecutionRequest.builder()
              .id(text(tool, "id"))
              .name(text(tool, "name"))
              .arguments(text(tool, "arguments"))
              .build());
    }
    AiMessage.Builder message =
        AiMessage.builder()
            .text(text(json, "text"))
            .thinking(text(json, "thinking"))
            .toolExecutionRequests(tools);
    if (json.has("attributes")) {
      message.attributes(PlainData.object(json.required("attributes")));
    }
    return message.build();
  }

  private static void write(JsonGenerator json, ChatResponseMetadata metadata) throws IOException {
    json.writeObjectFieldStart("metadata");
    write(json, "id", metadata.id());
    write(json, "model", metadata.modelName());
    FinishReason reason = metadata.finishReason();
    write(json, "finishReason", reason == null ? null : reason.name());
    TokenUsage tokens = metadata.tokenUsage();
    if (tokens != null) {
      json.writeArrayFieldStart("tokens");
      json.writeObject(tokens.inputTokenCount());
      json.writeObject(tokens.outputTokenCount());
      json.writeObject(tokens.totalTokenCount());
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static ChatResponseMetadata metadata(JsonNode json) {
    String reason = text(json, "finishReason");
    JsonNode tokens = json.path("tokens");
    return ChatResponseMetadata.builder()
        .id(text(json, "id"))
        .modelName(text(json, "model"))
        .finishReason(reason == null ? null : FinishReason.valueOf(reason))
        .tokenUsage(
            tokens.isArray()
                ? new TokenUsage(
                    count(tokens.path(0)), count(tokens.path(1)), count(tokens.path(2)))
                : null)
        .build();
  }

  private static @Nullable Integer count(JsonNode count) {
    return count.isNull() ? null : Integer.valueOf(count.intValue());
  }

  private static int[] ints(JsonNode json) {
    return StreamSupport.stream(json.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }

  private static void write(JsonGenerator json, String name, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(name, text);
    }
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.path(name).textValue();
  }
}
