package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalLlmChatTest {
  private static LocalLlm llm;

  @BeforeAll
  static void start() {
    llm = LocalLlm.start();
  }

  @AfterAll
  static void stop() {
    llm.close();
  }

  @Test
  void chat_greeting() {
    ChatResponse response = Clients.chat(llm).build().chat(UserMessage.from("Hello!"));

    assertThat(response.aiMessage().text()).startsWith("Hello! I am a small local rule-based");
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.modelName()).isEqualTo("gpt-4o-mini");
    assertThat(response.id()).startsWith("chatcmpl-");
  }

  @Test
  void chat_nameToldEarlier() {
    ChatResponse response =
        Clients.chat(llm)
            .build()
            .chat(
                UserMessage.from("Hi, my name is Ada."),
                AiMessage.from("Nice to meet you, Ada."),
                UserMessage.from("What is my name?"));

    assertThat(response.aiMessage().text()).isEqualTo("Your name is Ada.");
  }

  @Test
  void chat_usageIsCounted() {
    ChatModel model = Clients.chat(llm).build();

    OpenAiTokenUsage usage =
        (OpenAiTokenUsage) model.chat(UserMessage.from("Say: one two three")).tokenUsage();

    // 3 for the message, 1 for its role, 3 to prime the reply, and 5 for "Say: one two three".
    assertThat(usage.inputTokenCount()).isEqualTo(12);
    assertThat(usage.outputTokenCount()).isEqualTo(3);
    assertThat(usage.totalTokenCount()).isEqualTo(15);
    assertThat(usage.inputTokensDetails().cachedTokens()).isZero();
    assertThat(usage.outputTokensDetails().reasoningTokens()).isZero();
  }

  @Test
  void chat_longPromptTwice_isCached() {
    ChatModel model = Clients.chat(llm).build();
    String prompt = "Say: " + "a rather long text ".repeat(400);

    OpenAiTokenUsage first = (OpenAiTokenUsage) model.chat(UserMessage.from(prompt)).tokenUsage();
    OpenAiTokenUsage second = (OpenAiTokenUsage) model.chat(UserMessage.from(prompt)).tokenUsage();

    assertThat(first.inputTokensDetails().cachedTokens()).isZero();
    assertThat(second.inputTokensDetails().cachedTokens()).isBetween(1024, 1700);
    assertThat(second.inputTokenCount()).isEqualTo(first.inputTokenCount());
  }

  @Test
  void stream_sameTextAndUsageAsChat() throws Exception {
    StreamProbe probe = new StreamProbe();
    Clients.streaming(llm).build().chat("count to 12", probe);
    ChatResponse streamed = probe.complete.get(30, TimeUnit.SECONDS);
    ChatResponse whole = Clients.chat(llm).build().chat(UserMessage.from("count to 12"));

    assertThat(probe.partials).hasSize(12).startsWith("1", " 2");
    assertThat(streamed.aiMessage().text()).isEqualTo(whole.aiMessage().text());
    assertThat(streamed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(streamed.tokenUsage().inputTokenCount())
        .isEqualTo(whole.tokenUsage().inputTokenCount());
    assertThat(streamed.tokenUsage().outputTokenCount())
        .isEqualTo(whole.tokenUsage().outputTokenCount())
        .isPositive();
  }

  @Test
  void stream_wireFormat() {
    HttpResponse<String> response =
        Clients.post(
            llm,
            "/chat/completions",
            """
            {"model": "m", "stream": true, "messages": [{"role": "user", "content": "say a b"}]}\
            """);

    List<String> data =
        response.body().lines().filter(l -> !l.isEmpty()).map(l -> l.substring(6)).toList();
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    assertThat(data).hasSize(5);
    assertThat(data.get(0)).contains("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}");
    assertThat(data.get(1))
        .contains("\"delta\":{\"content\":\"a\"}")
        .contains("chat.completion.chunk");
    assertThat(data.get(2)).contains("\"delta\":{\"content\":\" b\"}");
    assertThat(data.get(3)).contains("\"delta\":{},\"finish_reason\":\"stop\"");
    assertThat(data.get(4)).isEqualTo("[DONE]");
    assertThat(response.body()).doesNotContain("usage");
  }

  @Test
  void chat_stopString() {
    ChatResponse response =
        Clients.chat(llm).stop(List.of(" 5")).build().chat(UserMessage.from("count to 9"));

    assertThat(response.aiMessage().text()).isEqualTo("1 2 3 4");
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void chat_maxTokens() {
    ChatResponse response =
        Clients.chat(llm).maxCompletionTokens(5).build().chat(UserMessage.from("count to 99"));

    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(5);
    assertThat(response.aiMessage().text()).isEqualTo("1 2 3");
  }

  /** What the extractor makes of a text. */
  record Person(String name, int age, boolean married, List<String> hobbies, Address address) {}

  record Address(String city) {}

  interface Extractor {
    Person person(String text);
  }

  @Test
  void aiService_jsonSchema() {
    ChatModel model =
        Clients.chat(llm)
            .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
            .strictJsonSchema(true)
            .build();

    Person person =
        AiServices.create(Extractor.class, model)
            .person(
                "Grace Hopper is 37, not married, and lives in New York. Hobbies: code, ships.");

    assertThat(person)
        .isEqualTo(
            new Person(
                "Grace Hopper", 37, false, List.of("code", "ships"), new Address("New York")));
  }

  @Test
  void chat_jsonObject() {
    ChatResponse response =
        Clients.chat(llm)
            .responseFormat("json_object")
            .build()
            .chat(UserMessage.from("say \"hi\" as JSON"));

    assertThat(Json.readLeniently(response.aiMessage().text()).path("answer").isTextual()).isTrue();
  }

  @Test
  void chat_contextOfRetriever() {
    String text =
        Clients.chat(llm)
            .build()
            .chat(
                "When are refunds paid?\n\nAnswer using the following information:\n"
                    + "Orders ship on Monday.\n\nRefunds are paid within five days.");

    assertThat(text).endsWith("Refunds are paid within five days.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {oops                                                     | could not parse
          []                                                        | Invalid value
          {"messages": [{"role": "user", "content": "x"}]}          | you must provide a model
          {"model": "m"}                                            | Missing required parameter
          {"model": "m", "messages": []}                            | must not be empty
          {"model": "m", "messages": [null]}                        | must be an object
          {"model": "m", "messages": "x"}                           | Invalid value for 'messages'
          {"model": "m", "messages": [{"role": "bot"}]}             | 'bot'
          {"model": "m", "messages": [{"role": "user"}], "n": 2}    | 'n' was: 2
          {"model": "m", "messages": [{"role": "user"}], "max_tokens": 0} | at least 1: 0
          {"model": "m", "messages": [{"role": "user"}], "stop": 7} | strings: 7
          {"model": "m", "messages": [{"role": "user"}], "tool_choice": "any"} | tool_choice
          {"model": "m", "messages": [{"role": "tool", "tool_call_id": "c1"}]} | 'c1'
          {"model": "m", "messages": [{"role": "user", "content": [{"type": "file"}]}]} | 'file'
          """)
  void post_badRequest(String body, String message) {
    HttpResponse<String> response = Clients.post(llm, "/chat/completions", body);

    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = Json.readLeniently(response.body()).path("error");
    assertThat(error.path("message").asText()).contains(message);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.has("code") && error.has("param")).isTrue();
  }

  @Test
  void chat_toolCallWithoutResult() {
    HttpResponse<String> response =
        Clients.post(
            llm,
            "/chat/completions",
            """
            {"model": "m", "messages": [{"role": "user", "content": "x"}, {"role": "assistant",
             "tool_calls": [{"id": "c9", "type": "function", "function":
             {"name": "f", "arguments": "{}"}}]}, {"role": "user", "content": "y"}]}\
            """);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("without response: c9");
  }

  @Test
  void get_modelsAndUnknownPaths() {
    assertThat(Clients.get(llm, "/models").body()).contains(LocalLlm.CHAT_MODEL);
    assertThat(Clients.get(llm, "/nothing").statusCode()).isEqualTo(404);
    assertThat(Clients.get(llm, "/nothing").body()).contains("\"code\":\"unknown_url\"");
    assertThat(Clients.get(llm, "/chat/completions").statusCode()).isEqualTo(405);
  }

  @Test
  void requireApiKey_refusesOthers() {
    try (LocalLlm guarded = LocalLlm.builder().requireApiKey("sk-right-key-123").start()) {
      assertThat(Clients.chat(guarded).apiKey("sk-right-key-123").build().chat("hello"))
          .isNotBlank();
      assertThatThrownBy(
              () -> Clients.chat(guarded).apiKey("sk-wrong-key-456").build().chat("hello"))
          .isInstanceOf(AuthenticationException.class)
          .hasMessageContaining("sk-****-456");
      assertThatThrownBy(() -> Clients.chat(guarded).build().chat("hello"))
          .isInstanceOf(AuthenticationException.class)
          .hasMessageContaining("You didn't provide an API key");
      assertThat(guarded.requests()).isEqualTo(3);
    }
  }

  @Test
  void models_others404() {
    try (LocalLlm strict = LocalLlm.builder().models("gpt-4o").start()) {
      assertThatThrownBy(() -> Clients.chat(strict).modelName("gpt-9").build().chat("hello"))
          .isInstanceOf(ModelNotFoundException.class)
          .hasMessageContaining("gpt-9");
    }
  }

  @Test
  void contextWindow_longPromptIsRefused() {
    try (LocalLlm small = LocalLlm.builder().contextWindow(50).start()) {
      assertThatThrownBy(() -> Clients.chat(small).build().chat("word ".repeat(60)))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("context_length_exceeded");
    }
  }

  @Test
  void close_twice() {
    LocalLlm closing = LocalLlm.start();
    closing.close();
    closing.close();

    assertThatThrownBy(() -> Clients.chat(closing).build().chat("hello"))
        .hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void threads_areDaemons() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();

    try (LocalLlm another = LocalLlm.start()) {
      Clients.chat(another).build().chat("hello");

      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> !before.contains(thread) && !thread.isDaemon())
          .isEmpty();
    }
  }

  @Test
  void builder_badPort() {
    assertThatThrownBy(() -> LocalLlm.builder().port(70_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("70000");
  }
}
