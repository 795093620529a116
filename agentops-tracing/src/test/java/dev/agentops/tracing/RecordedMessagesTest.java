package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.image.Image;
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
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.data.video.Video;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordedMessagesTest {

  static Stream<ChatMessage> messages() {
    return Stream.of(
        SystemMessage.from("You are \"kind\".\n"),
        UserMessage.from("hello \uD83D\uDE00"),
        UserMessage.from("Ada", "hello"),
        UserMessage.from(
            TextContent.from("what is this?"),
            TextContent.from("and that?"),
            ImageContent.from("aGVsbG8=", "image/png"),
            ImageContent.from("https://example.org/a.png"),
            AudioContent.from(Audio.builder().base64Data("YQ==").mimeType("audio/mp3").build()),
            AudioContent.from("https://example.org/a.mp3"),
            VideoContent.from(Video.builder().base64Data("YQ==").mimeType("video/mp4").build()),
            VideoContent.from("https://example.org/a.mp4"),
            PdfFileContent.from("YQ==", "application/pdf"),
            PdfFileContent.from("https://example.org/a.pdf")),
        AiMessage.from("hi"),
        AiMessage.from(""),
        AiMessage.builder().text("42").thinking("let me think").build(),
        AiMessage.builder()
            .text("look")
            .attributes(
                Map.of(
                    AiMessage.GENERATED_IMAGES_KEY,
                    List.of(Image.builder().base64Data("YQ==").mimeType("image/png").build())))
            .build(),
        AiMessage.from("both", List.of(call("1", "add", "{\"a\":1,\"b\":[2,{\"c\":null}]}"))),
        AiMessage.from(call("1", "add", "{}"), call(null, "sub", "not JSON {")),
        AiMessage.from(call("1", "add", "{\"price\":20.0,\"rate\":1.50}")),
        AiMessage.from(call("1", "add", "")),
        AiMessage.from(call("1", "add", null)),
        CustomMessage.from(Map.of("content", "{a=b}")));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void read_messageThatWasWritten_isEqual(ChatMessage message) {
    String json = RecordedMessages.write(List.of(message));

    List<ChatMessage> read = RecordedMessages.read(json);

    if (message instanceof CustomMessage) { // the JSON has only their text
      assertThat(read).hasSize(1).hasOnlyElementsOfType(CustomMessage.class);
    } else {
      assertThat(read).isEqualTo(List.of(message));
    }
  }

  @Test
  void read_toolResult_findsItsNameInTheCall() {
    List<ChatMessage> messages =
        List.of(
            AiMessage.from(call("1", "add", "{}"), call("2", "look", "{}")),
            ToolExecutionResultMessage.from("1", "add", "3"),
            ToolExecutionResultMessage.builder()
                .id("2")
                .toolName("look")
                .contents(TextContent.from("seen"), ImageContent.from("aGVsbG8=", "image/png"))
                .build());

    assertThat(RecordedMessages.read(RecordedMessages.write(messages))).isEqualTo(messages);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[", "no", "[{}]", "[{\"role\":\"boss\",\"parts\":[]}]"})
  void read_whatIsNoMessages_isRefused(String json) {
    assertThatThrownBy(() -> RecordedMessages.read(json))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"text\"}",
        "{\"type\":\"reasoning\",\"length\":5}",
        "{\"type\":\"tool_call\"}"
      })
  void read_partWithoutContent_saysSo(String part) {
    assertThatThrownBy(
            () -> RecordedMessages.read("[{\"role\":\"assistant\",\"parts\":[" + part + "]}]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without its content");
  }

  private static ToolExecutionRequest call(String id, String name, String arguments) {
    return ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build();
  }
}
