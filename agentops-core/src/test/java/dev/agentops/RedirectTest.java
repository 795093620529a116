package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedirectTest {

  private final List<ChatRequest> asked = new ArrayList<>();
  private final List<ModelCallEvent> events = new ArrayList<>();

  @Test
  void chat_redirected_asksForTheOtherModelAndKeepsTheRest() {
    ChatModel model = ops(new Redirecting("small")).wrap(chatModel());
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("hi"))
            .parameters(
                OpenAiChatRequestParameters.builder()
                    .modelName("large")
                    .temperature(0.5)
                    .seed(7)
                    .build())
            .build();

    model.chat(request);

    ChatRequest sent = asked.get(0);
    assertThat(sent.modelName()).isEqualTo("small");
    assertThat(sent.temperature()).isEqualTo(0.5);
    assertThat(sent.messages()).isEqualTo(request.messages());
    assertThat(sent.parameters())
        .isInstanceOfSatisfying(
            OpenAiChatRequestParameters.class, p -> assertThat(p.seed()).isEqualTo(7));
    assertThat(events.get(0).requestModel()).isEqualTo("small");
  }

  @Test
  void chat_defaultModelRedirected_asksForTheOtherModel() {
    ops(new Redirecting("small")).wrap(chatModel()).chat("hi");

    assertThat(asked.get(0).modelName()).isEqualTo("small");
    assertThat(asked.get(0).temperature()).isEqualTo(0.25); // of the model's defaults
  }

  @Test
  void stream_redirected_asksForTheOtherModel() {
    ops(new Redirecting("small"))
        .wrap(streamingModel())
        .chat(
            "hi",
            new StreamingChatResponseHandler() {
              @Override
              public void onCompleteResponse(ChatResponse response) {}

              @Override
              public void onError(Throwable error) {
                throw new AssertionError(error);
              }
            });

    assertThat(asked.get(0).modelName()).isEqualTo("small");
  }

  @Test
  void chat_notRedirected_handsOverTheVeryRequest() {
    ChatModel delegate =
        new ChatModel() {
          @Override
          public ChatResponse chat(ChatRequest request) {
            asked.add(request);
            return answer();
          }
        };
    ChatRequest request = ChatRequest.builder().messages(UserMessage.from("hi")).build();

    ops().wrap(delegate).chat(request);

    assertThat(asked.get(0)).isSameAs(request);
  }

  @Test
  void redirect_blankName_isRefused() {
    List<String> messages = new ArrayList<>();
    ChatInterceptor blank =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            assertThatIllegalArgumentException()
                .isThrownBy(() -> call.redirect(" "))
                .satisfies(e -> messages.add(e.getMessage()));
            return null;
          }
        };

    ops(blank).wrap(chatModel()).chat("hi");

    assertThat(messages).containsExactly("the model to redirect to must not be blank: ' '");
  }

  @Test
  void interceptor_thatListens_hearsEveryEventOnce() {
    Listening listening = new Listening();
    AgentOps ops = AgentOps.with(listening).listener(listening).build();

    ops.wrap(chatModel()).chat("hi");

    assertThat(listening.heard).hasSize(1);
  }

  private AgentOps ops(ChatInterceptor... interceptors) {
    return AgentOps.with(interceptors)
        .listener(event -> events.add((ModelCallEvent) event))
        .build();
  }

  private ChatModel chatModel() {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        asked.add(request);
        return answer();
      }

      @Override
      public ChatRequestParameters defaultRequestParameters() {
        return defaults();
      }
    };
  }

  private StreamingChatModel streamingModel() {
    return new StreamingChatModel() {
      @Override
      public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        asked.add(request);
        handler.onCompleteResponse(answer());
      }

      @Override
      public ChatRequestParameters defaultRequestParameters() {
        return defaults();
      }
    };
  }

  private static ChatRequestParameters defaults() {
    return ChatRequestParameters.builder().modelName("large").temperature(0.25).build();
  }

  private static ChatResponse answer() {
    return ChatResponse.builder().aiMessage(AiMessage.from("yes")).build();
  }

  private record Redirecting(String model) implements ChatInterceptor {

    @Override
    public ChatResponse before(ModelCall call) {
      call.redirect(model);
      assertThat(call.modelName()).isEqualTo(model);
      return null;
    }
  }

  private static final class Listening implements ChatInterceptor, OpsEventListener {

    private final List<OpsEvent> heard = new ArrayList<>();

    @Override
    public void onEvent(OpsEvent event) {
      heard.add(event);
    }
  }
}
