package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChatMessageJsonTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LARGE = 1_000_000;

  private static final AiMessage ANSWER =
      AiMessage.builder()
          .text("private answer")
          .thinking("private thought")
          .toolExecutionRequests(
              List.of(
                  ToolExecutionRequest.builder()
                      .id("private-id")
                      .name("weather")
                      .arguments("{\"city\":\"private city\"}")
                      .build(),
                  ToolExecutionRequest.builder().name("time").arguments("not JSON").build()))
          .build();

  private static final List<ChatMessage> MESSAGES =
      List.of(
          SystemMessage.from("private rules"),
          UserMessage.from(
              "private-name",
              List.of(
                  TextContent.from("private question"),
                  ImageContent.from("cHJpdmF0ZQ==", "image/png"),
                  ImageContent.from("https://private.example/x.png"),
                  AudioContent.from("https://private.example/x.mp3"),
                  PdfFileContent.from("cHJpdmF0ZQ==", "application/pdf"))),
          ANSWER,
          ToolExecutionResultMessage.from("private-id", "weather", "private result"),
          CustomMessage.from(Map.of("private", "private")));

  @Test
  void input_allKinds_followTheConventions() throws Exception {
    JsonNode messages = JSON.readTree(ChatMessageJson.input(MESSAGES, LARGE).text());

    assertThat(messages).hasSize(5).allSatisfy(ChatMessageJsonTest::isMessage);
    assertThat(messages.get(2).get("parts").get(2).get("arguments").get("city").asText())
        .isEqualTo("private city");
    assertThat(messages.get(2).get("parts").get(3).get("arguments").asText()).isEqualTo("not JSON");
  }

  @Test
  void output_everyAnswer_hasAFinishReason() throws Exception {
    for (String reason : new String[] {"stop", null}) {
      JsonNode messages = JSON.readTree(ChatMessageJson.output(ANSWER, reason, LARGE).text());

      assertThat(messages).hasSize(1).allSatisfy(ChatMessageJsonTest::isMessage);
      assertThat(messages.get(0).get("finish_reason").asText())
          .isEqualTo(reason == null ? "unknown" : reason);
    }
  }

  @Test
  void shape_allKinds_holdsNothingThatWasSaid() throws Exception {
    String input = ChatMessageJson.inputShape(MESSAGES);
    String output = ChatMessageJson.outputShape(ANSWER, "tool_call");

    assertThat(input + output).doesNotContain("private").doesNotContain("cHJpdmF0ZQ");
    JsonNode messages = JSON.readTree(input);
    assertThat(messages)
        .extracting(m -> m.get("role").asText())
        .containsExactly("system", "user", "assistant", "tool", "custom");
    assertThat(messages.get(0).toString())
        .isEqualTo("{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"length\":13}]}");
    assertThat(messages.get(1).get("parts").get(1).toString())
        .isEqualTo(
            "{\"type\":\"blob\",\"modality\":\"image\",\"mime_type\":\"image/png\",\"length\":12}");
    assertThat(messages.get(2).get("parts").get(2).toString())
        .isEqualTo("{\"type\":\"tool_call\",\"name\":\"weather\",\"arguments_length\":23}");
    assertThat(messages.get(3).get("parts").get(0).toString())
        .isEqualTo("{\"type\":\"tool_call_response\",\"name\":\"weather\",\"length\":14}");
  }

  @Test
  void input_hugeTexts_areCutTheLongestFirst() throws Exception {
    String huge = "x".repeat(50_000_000);
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from("short"));
    messages.add(UserMessage.from(huge));
    messages.add(
        AiMessage.from(
            ToolExecutionRequest.builder()
                .id("1")
                .name("t")
                .arguments("{\"a\":\"" + huge + "\"}")
                .build()));

    String text = ChatMessageJson.input(messages, 10_000).text();

    assertThat(text).hasSizeLessThanOrEqualTo(10_000);
    JsonNode cut = JSON.readTree(text);
    assertThat(cut).hasSize(3).allSatisfy(ChatMessageJsonTest::isMessage);
    assertThat(cut.get(0).get("parts").get(0).get("content").asText()).isEqualTo("short");
    assertThat(cut.get(1).get("parts").get(0).get("content").asText())
        .startsWith("xxx")
        .endsWith(" characters]");
  }

  @Test
  void input_manyMessages_fit() throws Exception {
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      messages.add(UserMessage.from("message \"" + i + "\" " + "y".repeat(i % 700)));
    }

    String text = ChatMessageJson.input(messages, 20_000).text();

    assertThat(text).hasSizeLessThanOrEqualTo(20_000).contains("[truncated ");
    JSON.readTree(text);
  }

  @Test
  void systemInstructions_areParts() throws Exception {
    LazyText instructions = ChatMessageJson.systemInstructions(MESSAGES, LARGE);

    assertThat(instructions).isNotNull();
    assertThat(instructions.text())
        .isEqualTo("[{\"type\":\"text\",\"content\":\"private rules\"}]");
    assertThat(ChatMessageJson.systemInstructions(List.of(UserMessage.from("x")), LARGE)).isNull();
  }

  @Test
  void toolDefinitions_areJsonSchema() {
    ToolSpecification tool =
        ToolSpecification.builder()
            .name("weather")
            .description("tells it")
            .parameters(
                JsonObjectSchema.builder()
                    .addStringProperty("city", "which")
                    .addEnumProperty("unit", List.of("C", "F"))
                    .addProperty("next", JsonReferenceSchema.builder().reference("n").build())
                    .definitions(Map.of("n", JsonStringSchema.builder().build()))
                    .required("city")
                    .build())
            .build();

    assertThat(
            ToolDefinitionJson.of(
                    List.of(tool, ToolSpecification.builder().name("x").build()), LARGE)
                .text())
        .isEqualTo(
            "[{\"type\":\"function\",\"name\":\"weather\",\"description\":\"tells it\",\"parameters\":"
                + "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"description\":"
                + "\"which\"},\"unit\":{\"type\":\"string\",\"enum\":[\"C\",\"F\"]},\"next\":{\"$ref\":"
                + "\"#/$defs/n\"}},\"required\":[\"city\"],\"$defs\":{\"n\":{\"type\":\"string\"}}}},"
                + "{\"type\":\"function\",\"name\":\"x\"}]");
  }

  /** What the JSON schemas of the conventions, version 1.41.1, require of a message. */
  private static void isMessage(JsonNode message) {
    assertThat(message.get("role").isTextual()).isTrue();
    assertThat(message.get("parts").isArray()).isTrue();
    for (JsonNode part : message.get("parts")) {
      Map<String, Set<String>> required =
          Map.of(
              "text", Set.of("content"),
              "reasoning", Set.of("content"),
              "tool_call", Set.of("name"),
              "tool_call_response", Set.of("response"),
              "blob", Set.of("modality", "content"),
              "uri", Set.of("modality", "uri"));
      String type = part.get("type").asText();
      for (String field : required.getOrDefault(type, Set.of())) {
        assertThat(part.has(field)).as("%s of %s", field, part).isTrue();
        assertThat(field.equals("response") || part.get(field).isTextual()).isTrue();
      }
      assertThat(!part.has("id") || part.get("id").isTextual() || part.get("id").isNull()).isTrue();
    }
  }
}
