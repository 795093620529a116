package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.TokenStream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LocalLlmToolsTest {
  private static LocalLlm llm;

  @BeforeAll
  static void start() {
    llm = LocalLlm.start();
  }

  @AfterAll
  static void stop() {
    llm.close();
  }

  /** Tools with fixed answers, so that the model's final answer can be foretold. */
  static final class Tools {
    @Tool("Evaluates an arithmetic expression")
    String calculator(@P(name = "expression", value = "for example 2 + 3 * 4") String expression) {
      return switch (expression) {
        case "17 * 23" -> "391";
        case "391 + 9" -> "400";
        case "80 * 12.5 / 100" -> "10";
        default -> throw new IllegalArgumentException("Cannot evaluate: " + expression);
      };
    }

    @Tool("Tells the current date and time")
    String currentTime(
        @P(name = "zone", value = "IANA time zone, for example Europe/Paris") String zone) {
      return "2026-01-02T03:04 " + zone;
    }

    @Tool("Searches the company handbook")
    List<String> searchHandbook(@P(name = "query", value = "what to look for") String query) {
      return List.of(
          "Holidays must be booked two weeks ahead. Ask your lead.",
          "Travel costs are refunded within 30 days. Keep every receipt.");
    }

    @Tool("Looks up the state of an order")
    String orderStatus(@P(name = "orderId", value = "number of the order") String orderId) {
      return "{\"status\": \"shipped\", \"days\": 2}";
    }
  }

  interface Agent {
    Result<String> ask(String question);
  }

  interface StreamingAgent {
    TokenStream ask(String question);
  }

  private static Agent agent() {
    return AiServices.builder(Agent.class)
        .chatModel(Clients.chat(llm).build())
        .chatMemory(MessageWindowChatMemory.withMaxMessages(20))
        .tools(new Tools())
        .build();
  }

  @Test
  void agent_oneTool() {
    Result<String> result = agent().ask("What is 17 * 23?");

    assertThat(result.content()).isEqualTo("17 * 23 = 391.");
    assertThat(result.toolExecutions()).hasSize(1);
    assertThat(result.tokenUsage().inputTokenCount()).isGreaterThan(200);
  }

  @Test
  void agent_severalNeedsAtOnce() {
    Result<String> result =
        agent()
            .ask(
                "What is 12.5% of 80, what time is it in Tokyo and in London, and when are travel"
                    + " costs refunded?");

    assertThat(result.toolExecutions())
        .extracting(execution -> execution.request().arguments())
        .containsExactly(
            "{\"expression\":\"80 * 12.5 / 100\"}",
            "{\"zone\":\"Asia/Tokyo\"}",
            "{\"zone\":\"Europe/London\"}",
            "{\"query\":\"when are travel costs refunded\"}");
    assertThat(result.content())
        .isEqualTo(
            "80 * 12.5 / 100 = 10. The time in Asia/Tokyo is 2026-01-02T03:04 Asia/Tokyo. The time"
                + " in Europe/London is 2026-01-02T03:04 Europe/London. According to"
                + " searchHandbook: Travel costs are refunded within 30 days.");
  }

  @Test
  void agent_followUpUsesTheAnswerBefore() {
    Agent agent = agent();
    agent.ask("What is 17 * 23?");

    assertThat(agent.ask("Now add 9 to that").content()).isEqualTo("391 + 9 = 400.");
  }

  @Test
  void agent_toolNamedInTheQuestion() {
    assertThat(agent().ask("What is the status of order #A-1042?").content())
        .isEqualTo("orderStatus says: status: shipped, days: 2.");
    assertThat(agent().ask("What is my order status?").content())
        .isEqualTo("To use orderStatus I need to know: orderId.");
  }

  @Test
  void agent_failingTool() {
    assertThat(agent().ask("What is 1 / 0?").content()).isEqualTo("1 / 0: Cannot evaluate: 1 / 0.");
  }

  @Test
  void agent_noNeedForTools() {
    Agent agent = agent();
    agent.ask("My name is Linus");

    Result<String> result = agent.ask("Do you remember? What is my name?");

    assertThat(result.toolExecutions()).isEmpty();
    assertThat(result.content()).isEqualTo("Your name is Linus.");
  }

  @Test
  void streamingAgent_twoTools() throws Exception {
    StreamingAgent agent =
        AiServices.builder(StreamingAgent.class)
            .streamingChatModel(Clients.streaming(llm).build())
            .tools(new Tools())
            .build();
    StringBuilder text = new StringBuilder();
    CompletableFuture<ChatResponse> done = new CompletableFuture<>();

    agent
        .ask("What is 17 * 23? And what time is it in New York?")
        .onPartialResponse(text::append)
        .onCompleteResponse(done::complete)
        .onError(done::completeExceptionally)
        .start();

    ChatResponse response = done.get(30, TimeUnit.SECONDS);
    assertThat(text)
        .hasToString(
            "17 * 23 = 391. The time in America/New_York is 2026-01-02T03:04 America/New_York.");
    assertThat(response.tokenUsage().outputTokenCount()).isPositive();
  }

  @Test
  void toolChoice_noneRequiredAndSerial() {
    assertThat(
            call("What is 17 * 23?", params().toolChoice(ToolChoice.NONE))
                .hasToolExecutionRequests())
        .isFalse();
    assertThat(
            call("Good morning", params().toolChoice(ToolChoice.REQUIRED)).toolExecutionRequests())
        .hasSize(1);
    assertThat(
            call("What is 1 + 2? What is 3 + 4?", params().parallelToolCalls(false))
                .toolExecutionRequests())
        .hasSize(1);
  }

  @Test
  void toolChoice_named() {
    HttpResponse<String> response =
        Clients.post(
            llm,
            "/chat/completions",
            """
            {"model": "m", "messages": [{"role": "user", "content": "Good morning"}],
             "tools": [{"type": "function", "function": {"name": "a"}},
                       {"type": "function", "function": {"name": "clock", "parameters":
                         {"type": "object", "required": ["zone"],
                          "properties": {"zone": {"type": "string"}}}}}],
             "tool_choice": {"type": "function", "function": {"name": "clock"}}}\
            """);

    assertThat(response.body())
        .contains("\"name\":\"clock\",\"arguments\":\"{\\\"zone\\\":\\\"UTC\\\"}\"")
        .contains("\"content\":null")
        .contains("\"finish_reason\":\"tool_calls\"");
  }

  @Test
  void toolCalls_finishReason() {
    ChatResponse response =
        Clients.chat(llm)
            .build()
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from("add 3 and 4"))
                    .toolSpecifications(ToolSpecifications.toolSpecificationsFrom(new Tools()))
                    .build());

    assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    assertThat(response.aiMessage().toolExecutionRequests().get(0).arguments())
        .isEqualTo("{\"expression\":\"3 + 4\"}");
    assertThat(response.tokenUsage().outputTokenCount()).isPositive();
  }

  private static OpenAiChatRequestParameters.Builder params() {
    return OpenAiChatRequestParameters.builder()
        .toolSpecifications(ToolSpecifications.toolSpecificationsFrom(new Tools()));
  }

  private static AiMessage call(String text, OpenAiChatRequestParameters.Builder params) {
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from(text)).parameters(params.build()).build();
    return Clients.chat(llm).build().chat(request).aiMessage();
  }
}
