package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Cost;
import dev.agentops.StreamChunk;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerCodecTest {

  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00.123Z");
  private static final ToolExecutionRequest ADD = tool("c1", "add", "{\"a\":1}");
  private static final ToolExecutionRequest SEND = tool(null, "send", null);

  private final AnswerCodec codec = new AnswerCodec();

  static Stream<KeptAnswer> answers() {
    AiMessage everything =
        AiMessage.builder()
            .text("Grüße, 世界 \uD83D\uDE00")
            .thinking("hm")
            .toolExecutionRequests(List.of(ADD, SEND))
            .attributes(
                Map.of(
                    "text",
                    "x",
                    "flag",
                    true,
                    "int",
                    3,
                    "long",
                    1L << 40,
                    "double",
                    0.1,
                    "list",
                    List.of("a", List.of(1)),
                    "map",
                    Map.of("signature", "s")))
            .build();
    UsageReport report =
        UsageReport.builder()
            .usage(
                Usage.builder()
                    .inputTokens(1000)
                    .cacheReadTokens(100)
                    .outputTokens(50)
                    .reasoningTokens(20)
                    .units("web_searches", new BigDecimal("2"))
                    .build())
            .model("gpt-4-0613")
            .serviceTier("flex")
            .region("eu")
            .speed("fast")
            .reportedCost(Cost.usd("0.123456789012345678"))
            .gap(UsageGap.CACHE_WRITES)
            .subCall(UsageReport.of(Usage.of(1, 2)))
            .build();
    return Stream.of(
        kept(ChatResponse.builder().aiMessage(AiMessage.from("half a \uD83D")).build()),
        kept(
            ChatResponse.builder()
                .aiMessage(everything)
                .id("id-1")
                .modelName("gpt-4-0613")
                .finishReason(FinishReason.TOOL_EXECUTION)
                .tokenUsage(new TokenUsage(3, null, 9))
                .build()),
        new KeptAnswer(
            ChatResponse.builder().aiMessage(AiMessage.from("Hello")).build(),
            ChunkSizes.of(List.of(text("Hel"), text("lo")), AiMessage.from("Hello")),
            report,
            Cost.usd("0.0600000000001"),
            Duration.ofSeconds(3, 7),
            MADE));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answer_comesBackAsItWas(KeptAnswer answer) throws IOException {
    assertThat(codec.decode(codec.encode(answer))).isEqualTo(answer);
  }

  @ParameterizedTest
  @EnumSource(FinishReason.class)
  void everyFinishReason_comesBack(FinishReason reason) throws IOException {
    ChatResponse response =
        ChatResponse.builder().aiMessage(AiMessage.from("a")).finishReason(reason).build();
    assertThat(codec.decode(codec.encode(kept(response))).response()).isEqualTo(response);
  }

  @Test
  void providersOwnClasses_comeBackAsThoseOfAll() throws IOException {
    ChatResponse response =
        ChatResponse.builder()
            .aiMessage(AiMessage.from("a"))
            .metadata(
                OpenAiChatResponseMetadata.builder()
                    .id("1")
                    .modelName("gpt-4")
                    .tokenUsage(
                        OpenAiTokenUsage.builder()
                            .inputTokenCount(3)
                            .outputTokenCount(4)
                            .totalTokenCount(7)
                            .build())
                    .finishReason(FinishReason.STOP)
                    .systemFingerprint("fp")
                    .build())
            .build();
    ChatResponse decoded = codec.decode(codec.encode(kept(response))).response();
    assertThat(decoded)
        .isEqualTo(
            ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .id("1")
                .modelName("gpt-4")
                .tokenUsage(new TokenUsage(3, 4, 7))
                .finishReason(FinishReason.STOP)
                .build());
  }

  static Stream<Object> foreign() {
    return Stream.of(
        List.of(Image.builder().url("http://x").build()),
        new Object(),
        Double.NaN,
        1L,
        1.0f,
        Map.of(1, "a"),
        Collections.singletonList(null));
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void attributeThatWouldNotComeBack_doesNotEncode(Object value) {
    AiMessage message = AiMessage.builder().text("a").attributes(Map.of("x", value)).build();
    KeptAnswer answer = kept(ChatResponse.builder().aiMessage(message).build());
    assertThatThrownBy(() -> codec.encode(answer)).isInstanceOf(IOException.class);
  }

  @Test
  void attributeInItself_doesNotEncode() {
    List<Object> deep = new ArrayList<>();
    deep.add(deep);
    AiMessage message = AiMessage.builder().text("a").attributes(Map.of("x", deep)).build();
    KeptAnswer answer = kept(ChatResponse.builder().aiMessage(message).build());
    assertThatThrownBy(() -> codec.encode(answer)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"madeAt\":1,\"tookNanos\":1}",
        "{\"madeAt\":1,\"tookNanos\":1,\"message\":{}}",
        "{\"madeAt\":1,\"tookNanos\":1,\"message\":{\"tools\":[]},\"metadata\":{\"finishReason\":\"X\"}}",
        "{\"madeAt\":1,\"tookNanos\":1,\"message\":{\"tools\":[]}} trailing",
        "\u0000\u0001"
      })
  void otherBytes_doNotDecode(String bytes) {
    assertThatThrownBy(() -> codec.decode(bytes.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Exception.class);
  }

  @Test
  void cutShortOrChanged_throwsOrDecodes_neverMore() throws IOException {
    byte[] whole = codec.encode(answers().toList().get(1));
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = whole.clone();
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      try {
        assertThat(codec.decode(bytes)).isNotNull();
      } catch (Exception expected) { // a miss
        assertThat(expected).isNotInstanceOf(ClassNotFoundException.class);
      }
    }
  }

  @Test
  void cuts_ofTextThinkingAndToolCalls_giveTheChunksBack() {
    AiMessage message =
        AiMessage.builder()
            .text("Hello")
            .thinking("hm")
            .toolExecutionRequests(List.of(ADD))
            .build();
    List<StreamChunk> chunks =
        List.of(
            StreamChunk.thinking("h"),
            StreamChunk.thinking("m"),
            text("Hel"),
            text("lo"),
            part(0, ADD, "{\"a\""),
            part(0, ADD, ":1}"),
            StreamChunk.toolCall(new CompleteToolCall(0, ADD)));
    ChunkSizes cuts = ChunkSizes.of(chunks, message);
    assertThat(cuts.chunks(message)).isEqualTo(chunks);
    assertThat(ChunkSizes.of(cuts.sizes(), message)).isEqualTo(cuts);
    assertThat(cuts.chunks(AiMessage.from("shorter"))).isEmpty();
  }

  @Test
  void cuts_thatDoNotFit_areNone() {
    AiMessage hello = AiMessage.from("Hello");
    assertThat(ChunkSizes.of(List.of(text("Hel")), hello)).isNull();
    assertThat(ChunkSizes.of(List.of(text("hello")), hello)).isNull();
    assertThat(ChunkSizes.of(List.of(), hello)).isNull();
    AiMessage two = AiMessage.from(List.of(ADD, tool("c2", "add", "{}")));
    List<StreamChunk> interleaved =
        List.of(
            part(1, two.toolExecutionRequests().get(1), "{}"),
            part(0, ADD, "{\"a\":1}"),
            StreamChunk.toolCall(new CompleteToolCall(0, ADD)),
            StreamChunk.toolCall(new CompleteToolCall(1, two.toolExecutionRequests().get(1))));
    assertThat(ChunkSizes.of(interleaved, two)).isNull();
    for (int[] sizes : List.of(new int[] {-4}, new int[] {Integer.MAX_VALUE}, new int[] {3})) {
      assertThat(ChunkSizes.of(sizes, hello)).isNull();
    }
  }

  @Test
  void cuts_ofALongStream_areBounded() {
    String word = "word ";
    int words = 50_000;
    AiMessage message = AiMessage.from(word.repeat(words));
    ChunkSizes cuts = ChunkSizes.of(Collections.nCopies(words, text(word)), message);
    assertThat(cuts.sizes().length)
        .isLessThan(ChunkSizes.MAXIMUM + words * word.length() / 256 + 1);
    assertThat(String.join("", cuts.chunks(message).stream().map(StreamChunk::text).toList()))
        .isEqualTo(message.text());
    assertThat(cuts.chunks(message).get(17)).isEqualTo(text(word));
  }

  private static KeptAnswer kept(ChatResponse response) {
    return new KeptAnswer(response, null, null, null, Duration.ofMillis(5), MADE);
  }

  private static StreamChunk text(String text) {
    return StreamChunk.text(text);
  }

  private static StreamChunk part(int index, ToolExecutionRequest tool, String arguments) {
    return StreamChunk.toolCall(
        PartialToolCall.builder()
            .index(index)
            .id(tool.id())
            .name(tool.name())
            .partialArguments(arguments)
            .build());
  }

  private static ToolExecutionRequest tool(String id, String name, String arguments) {
    return ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build();
  }
}
