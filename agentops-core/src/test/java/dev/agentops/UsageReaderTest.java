package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.event.ModelCallEvent;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatResponseMetadata;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.googleai.GroundingMetadata;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageReaderTest {

  @Test
  void read_plainTokens_areTotals() {
    assertThat(UsageReader.read(new TokenUsage(7, 3))).isEqualTo(Usage.of(7, 3));
  }

  @Test
  void read_nothingTold_isUnknownAndNotZero() {
    assertThat(UsageReader.read(null)).isNull();
    assertThat(UsageReader.read(new TokenUsage(null, null))).isNull();
    assertThat(UsageReader.read(new TokenUsage(7, null))).isEqualTo(Usage.of(7, 0));
  }

  @Test
  void read_openAi_cachedAndReasoningArePartsOfTheTotals() {
    OpenAiTokenUsage tokens =
        OpenAiTokenUsage.builder()
            .inputTokenCount(9_000)
            .inputTokensDetails(
                OpenAiTokenUsage.InputTokensDetails.builder().cachedTokens(8_192).build())
            .outputTokenCount(4_300)
            .outputTokensDetails(
                OpenAiTokenUsage.OutputTokensDetails.builder().reasoningTokens(3_900).build())
            .totalTokenCount(13_300)
            .build();

    assertThat(UsageReader.read(tokens))
        .isEqualTo(
            Usage.builder()
                .inputTokens(9_000)
                .cacheReadTokens(8_192)
                .outputTokens(4_300)
                .reasoningTokens(3_900)
                .build());
  }

  @Test
  void read_anthropic_cacheTokensAreAddedToTheInput() {
    AnthropicTokenUsage tokens =
        AnthropicTokenUsage.builder()
            .inputTokenCount(2)
            .cacheReadInputTokens(18_971)
            .cacheCreationInputTokens(100)
            .outputTokenCount(400)
            .build();

    assertThat(UsageReader.read(tokens))
        .isEqualTo(
            Usage.builder()
                .inputTokens(19_073)
                .cacheReadTokens(18_971)
                .cacheWriteTokens(100)
                .outputTokens(400)
                .build());
  }

  @Test
  void read_gemini_thoughtsAreAddedToTheOutput() {
    GoogleAiGeminiTokenUsage tokens =
        GoogleAiGeminiTokenUsage.builder()
            .inputTokenCount(50_000)
            .cachedContentTokenCount(45_000)
            .outputTokenCount(900)
            .thoughtsTokenCount(100)
            .build();

    assertThat(UsageReader.read(tokens))
        .isEqualTo(
            Usage.builder()
                .inputTokens(50_000)
                .cacheReadTokens(45_000)
                .outputTokens(1_000)
                .reasoningTokens(100)
                .build());
  }

  @Test
  void report_geminisMetadataWithoutRawAnswer_tellsTheSearches() {
    ChatResponse response =
        ChatResponse.builder()
            .aiMessage(AiMessage.from("hi"))
            .metadata(
                GoogleAiGeminiChatResponseMetadata.builder()
                    .modelName("gemini-3-pro-preview")
                    .tokenUsage(
                        GoogleAiGeminiTokenUsage.builder()
                            .inputTokenCount(1_000)
                            .outputTokenCount(100)
                            .totalTokenCount(1_100)
                            .build())
                    .groundingMetadata(
                        GroundingMetadata.builder().webSearchQueries(List.of("a", "b")).build())
                    .build())
            .build();

    assertThat(Objects.requireNonNull(UsageReader.report("gcp.gemini", response)).usage().units())
        .isEqualTo(Map.of("web_searches", new BigDecimal(2)));
  }

  @Test
  void call_absurdCostInTheRawBody_isAFaultAndTheTokensAreKept() {
    BilledReports billed = new BilledReports();
    AgentOps ops = AgentOps.with(billed).build();

    ops.wrap(model(openAi("{\"usage\": {\"prompt_tokens\": 9, \"cost\": 1e900000}}")))
        .chat("hello");

    UsageReport report = Objects.requireNonNull(billed.only());
    assertThat(report.reportedCost()).isNull();
    assertThat(report.usage().totalTokens()).isPositive();
    assertThat(ops.faults()).isEqualTo(1);
  }

  @Test
  void provider_ofTheAttributes_goesBeforeTheClients() {
    BilledReports billed = new BilledReports();
    List<String> providers = new ArrayList<>();
    AgentOps ops =
        AgentOps.with(billed)
            .attributes(Attributes.of(Attributes.PROVIDER_NAME, " groq "))
            .listener(event -> providers.add(((ModelCallEvent) event).provider()))
            .build();
    ChatModel model = ops.wrap(model(response("m", new TokenUsage(1, 1))));

    model.chat("hello");
    try (Scope scope = ops.scope(Attributes.of(Attributes.PROVIDER_NAME, "deepseek"))) {
      model.chat("hello");
    }
    try (Scope scope = ops.scope(Attributes.of(Attributes.PROVIDER_NAME, " "))) {
      model.chat("hello");
    }

    assertThat(providers).containsExactly("groq", "deepseek", "unknown");
  }

  @Test
  void read_reasoningBesideTheOutput_isAddedToIt() {
    OpenAiTokenUsage xAi =
        OpenAiTokenUsage.builder()
            .inputTokenCount(1_000)
            .outputTokenCount(9)
            .outputTokensDetails(
                OpenAiTokenUsage.OutputTokensDetails.builder().reasoningTokens(300).build())
            .totalTokenCount(1_309)
            .build();

    assertThat(UsageReader.read(xAi))
        .isEqualTo(
            Usage.builder().inputTokens(1_000).outputTokens(309).reasoningTokens(300).build());
  }

  @Test
  void read_classOfAnotherProvider_isReadByItsAccessors() {
    assertThat(UsageReader.read(new BesideTokenUsage(120, 300, 30_000, 50)))
        .isEqualTo(
            Usage.builder()
                .inputTokens(30_170)
                .cacheReadTokens(30_000)
                .cacheWriteTokens(50)
                .outputTokens(300)
                .build());
    assertThat(UsageReader.read(new InsideTokenUsage(1_000, 300)))
        .isEqualTo(
            Usage.builder()
                .inputTokens(1_000)
                .cacheReadTokens(600)
                .cacheWriteTokens(200)
                .outputTokens(300)
                .reasoningTokens(100)
                .build());
  }

  @ParameterizedTest
  @CsvSource({"gcp.gen_ai", "gcp.vertex_ai"})
  void report_googlesPlainTokens_thoughtsAreWhatTheTotalHasMore(String provider) {
    UsageReport report =
        UsageReader.report(
            provider, response("gemini-2.5-flash", new TokenUsage(1_500, 220, 3_520)));

    assertThat(report).isNotNull();
    assertThat(report.usage())
        .isEqualTo(
            Usage.builder().inputTokens(1_500).outputTokens(2_020).reasoningTokens(1_800).build());
    assertThat(report.gaps()).containsExactly(UsageGap.CACHE_READS);
    assertThat(report.model()).isEqualTo("gemini-2.5-flash");
  }

  @ParameterizedTest
  @CsvSource({
    "azure.ai.openai, gpt-4o, CACHE_READS",
    "mistral_ai, mistral-large-2512, CACHE_READS",
    "gcp.vertex_ai, claude-sonnet-4-5@20250929, CACHE_READS CACHE_WRITES",
    "aws.bedrock, amazon.nova-pro-v1:0, CACHE_READS CACHE_WRITES",
    "ollama, llama3, ''"
  })
  void report_plainTokens_nameWhatTheProvidersModuleLeavesOut(
      String provider, String model, String gaps) {
    UsageReport report =
        UsageReader.report(provider, response(model, new TokenUsage(9_000, 500, 9_500)));

    assertThat(report).isNotNull();
    assertThat(report.usage()).isEqualTo(Usage.of(9_000, 500));
    assertThat(report.gaps())
        .extracting(Enum::name)
        .containsExactlyInAnyOrder(gaps.isEmpty() ? new String[0] : gaps.split(" "));
  }

  @ParameterizedTest
  @CsvSource({"60000, CACHE_WRITE_LIFETIMES", "0, ''"})
  void report_anthropicsTokens_leaveOutHowLongTheWritesAreKept(int written, String gaps) {
    AnthropicTokenUsage tokens =
        AnthropicTokenUsage.builder()
            .inputTokenCount(40_000)
            .cacheCreationInputTokens(written)
            .outputTokenCount(2_000)
            .build();

    UsageReport report = UsageReader.report("anthropic", response("claude-sonnet-4-5", tokens));

    assertThat(report).isNotNull();
    assertThat(report.usage().cacheWriteTokens()).isEqualTo(written);
    assertThat(report.gaps())
        .extracting(Enum::name)
        .containsExactly(gaps.isEmpty() ? new String[0] : gaps.split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "anthropic|{\"input_tokens\":3,\"cache_creation_input_tokens\":9,\"output_tokens\":1}|CACHE_WRITE_LIFETIMES",
        "anthropic|{\"input_tokens\":3,\"cache_creation_input_tokens\":9,\"output_tokens\":1,\"cache_creation\":{\"ephemeral_5m_input_tokens\":9}}|''",
        "anthropic|{\"input_tokens\":3,\"cache_creation_input_tokens\":0,\"output_tokens\":1}|''",
        "aws.bedrock|{\"inputTokens\":3,\"cacheWriteInputTokens\":9,\"outputTokens\":1}|CACHE_WRITE_LIFETIMES",
        "aws.bedrock|{\"inputTokens\":3,\"cacheWriteInputTokens\":9,\"outputTokens\":1,\"cacheDetails\":[{\"ttl\":\"1h\",\"inputTokens\":4}]}|''",
      })
  void readBody_writesWithoutLifetimes_isAGap(String provider, String usage, String gaps) {
    UsageReport report = UsageReader.readBody(provider, "{\"usage\":" + usage + "}");

    assertThat(report).isNotNull();
    assertThat(report.gaps())
        .extracting(Enum::name)
        .containsExactly(gaps.isEmpty() ? new String[0] : gaps.split(" "));
  }

  @Test
  void readBody_absurdAmount_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UsageReader.readBody("openai", "{\"usage\":{\"seconds\":1e-999999999}}"))
        .withMessageContaining("seconds is not an amount: 1E-999999999");
  }

  @Test
  void report_oneSideUntold_isAGapAndNotZero() {
    UsageReport report = UsageReader.report("openai", response("m", new TokenUsage(7, null)));

    assertThat(report).isNotNull();
    assertThat(report.gaps()).isEqualTo(Set.of(UsageGap.OUTPUT));
  }

  @Test
  void report_nothingUsed_isNotBelieved() {
    assertThat(UsageReader.report("gcp.gen_ai", response("m", new TokenUsage(0, 0)))).isNull();
    assertThat(UsageReader.report("openai", response("m", null))).isNull();
  }

  @Test
  void report_rawBody_tellsMoreThanTheTokenUsage() {
    UsageReport report =
        UsageReader.report(
            "openai",
            openAi(
                """
                {"model": "gpt-5.6-sol", "service_tier": "flex", "choices": [{"usage": 1}],
                 "usage": {"prompt_tokens": 4020, "completion_tokens": 5, "total_tokens": 4025,
                   "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 4012}}}
                """));

    assertThat(report)
        .isEqualTo(
            UsageReport.builder()
                .usage(
                    Usage.builder()
                        .inputTokens(4_020)
                        .cacheWriteTokens(4_012)
                        .outputTokens(5)
                        .build())
                .model("gpt-5.6-sol")
                .serviceTier("flex")
                .build());
  }

  @Test
  void report_rawEvents_tellMoreThanTheTokenUsage() {
    ChatResponseMetadata metadata =
        OpenAiChatResponseMetadata.builder()
            .modelName("gpt-5.6-sol")
            .tokenUsage(OpenAiTokenUsage.builder().inputTokenCount(4_020).build())
            .rawServerSentEvents(
                List.of(
                    new ServerSentEvent(null, "{\"model\":\"gpt-5.6-sol\",\"usage\":null}"),
                    new ServerSentEvent(
                        null,
                        "{\"usage\":{\"prompt_tokens\":4020,\"completion_tokens\":5,"
                            + "\"prompt_tokens_details\":{\"cache_write_tokens\":4012}}}"),
                    new ServerSentEvent(null, "[DONE]")))
            .build();

    UsageReport report =
        UsageReader.report(
            "openai",
            ChatResponse.builder().aiMessage(AiMessage.from("hi")).metadata(metadata).build());

    assertThat(report).isNotNull();
    assertThat(report.usage().cacheWriteTokens()).isEqualTo(4_012);
    assertThat(report.gaps()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>", "{\"usage\": {\"prompt_tokens\": 4020, \"completion_tokens\"",
        "{\"usage\": {\"prompt_tokens\": -1}}", "{\"id\": \"no usage\"}"
      })
  void report_rawBodyThatTellsNothing_leavesTheTokenUsage(String body) {
    UsageReport report = UsageReader.report("openai", openAi(body));

    assertThat(report)
        .isEqualTo(
            UsageReport.builder()
                .usage(Usage.of(4_020, 5))
                .model("gpt-5.6-sol")
                .serviceTier("priority")
                .gap(UsageGap.CACHE_WRITES)
                .build());
  }

  @Test
  void call_rawBodyThatCannotBeRead_isAFaultAndTheTokensAreKept() {
    BilledReports billed = new BilledReports();
    AgentOps ops = AgentOps.with(billed).build();

    ops.wrap(model(openAi("<html>"))).chat("hello");

    assertThat(billed.only()).isNotNull();
    assertThat(billed.only().usage()).isEqualTo(Usage.of(4_020, 5));
    assertThat(ops.faults()).isEqualTo(1);
  }

  @Test
  void call_partsThatExceedTheirWhole_areAFaultAndTheTotalsAreKept() {
    BilledReports billed = new BilledReports();
    AgentOps ops = AgentOps.with(billed).build();
    TokenUsage impossible =
        OpenAiTokenUsage.builder()
            .inputTokenCount(10)
            .inputTokensDetails(
                OpenAiTokenUsage.InputTokensDetails.builder().cachedTokens(11).build())
            .outputTokenCount(5)
            .totalTokenCount(15)
            .build();

    ops.wrap(model(response("gpt-4o", impossible))).chat("hello");

    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(Usage.of(10, 5))
                .model("gpt-4o")
                .gap(UsageGap.CACHE_READS)
                .gap(UsageGap.CACHE_WRITES)
                .build());
    assertThat(ops.faults()).isEqualTo(1);
  }

  @Test
  void call_withAudio_ofAModelThatDoesNotTellIt_hasAGap() {
    BilledReports billed = new BilledReports();
    TokenUsage tokens = new TokenUsage(10, 5);

    AgentOps.with(billed)
        .build()
        .wrap(model(response("gemini-2.5-flash", tokens)))
        .chat(
            ChatRequest.builder()
                .messages(UserMessage.from(AudioContent.from("UklGRg==", "audio/wav")))
                .build());

    assertThat(billed.only()).isNotNull();
    assertThat(billed.only().gaps()).containsExactly(UsageGap.MODALITIES);
  }

  @Test
  void call_whoseRequestCannotBeRead_keepsWhatTheProviderTold() {
    BilledReports billed = new BilledReports();
    UserMessage unreadable = mock(UserMessage.class);
    when(unreadable.contents()).thenThrow(new IllegalStateException("unreadable"));

    AgentOps.with(billed)
        .build()
        .wrap(model(response("m", new TokenUsage(10, 5))))
        .chat(unreadable);

    assertThat(billed.only())
        .isEqualTo(UsageReport.builder().usage(Usage.of(10, 5)).model("m").build());
  }

  private static ChatResponse openAi(String body) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from("hi"))
        .metadata(
            OpenAiChatResponseMetadata.builder()
                .modelName("gpt-5.6-sol")
                .serviceTier("priority")
                .tokenUsage(
                    OpenAiTokenUsage.builder()
                        .inputTokenCount(4_020)
                        .outputTokenCount(5)
                        .totalTokenCount(4_025)
                        .build())
                .rawHttpResponse(
                    SuccessfulHttpResponse.builder()
                        .statusCode(200)
                        .headers(Map.of())
                        .body(body)
                        .build())
                .build())
        .build();
  }

  private static ChatResponse response(String model, @Nullable TokenUsage tokens) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from("hi"))
        .modelName(model)
        .tokenUsage(tokens)
        .build();
  }

  private static ChatModel model(ChatResponse response) {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        return response;
      }

      @Override
      public ModelProvider provider() {
        return ModelProvider.OTHER;
      }
    };
  }

  /** In the shape of Bedrock's. */
  public static final class BesideTokenUsage extends TokenUsage {

    private final int cacheRead;
    private final int cacheWrite;

    BesideTokenUsage(int input, int output, int cacheRead, int cacheWrite) {
      super(input, output);
      this.cacheRead = cacheRead;
      this.cacheWrite = cacheWrite;
    }

    public Integer cacheReadInputTokens() {
      return cacheRead;
    }

    public Integer cacheWriteInputTokens() {
      return cacheWrite;
    }
  }

  /** In the shape of OpenAI's, one version on. */
  public static final class InsideTokenUsage extends TokenUsage {

    InsideTokenUsage(int input, int output) {
      super(input, output);
    }

    public InputDetails inputTokensDetails() {
      return new InputDetails(600L, 200L);
    }

    public OutputDetails outputTokensDetails() {
      return new OutputDetails(100L);
    }
  }

  public record InputDetails(Long cachedTokens, Long cacheWriteTokens) {}

  public record OutputDetails(Long reasoningTokens) {}
}
