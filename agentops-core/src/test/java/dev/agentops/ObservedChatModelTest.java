package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ObservedChatModelTest {

  private static final ChatRequest REQUEST =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(seen).listener(events::add).build();

  @Test
  void chat_modelOfTextsOnly_answersThem() {
    ChatModel wrapped =
        ops.wrap(
            new ChatModel() {
              @Override
              public String chat(String message) {
                return "text " + message;
              }

              @Override
              public ChatResponse chat(List<ChatMessage> messages) {
                return FakeChatModel.response("list");
              }

              @Override
              public ChatResponse chat(ChatMessage... messages) {
                return FakeChatModel.response("array");
              }
            });

    assertThat(wrapped.chat("x")).isEqualTo("text x");
    assertThat(wrapped.chat(List.of(UserMessage.from("x"))).aiMessage().text()).isEqualTo("list");
    assertThat(wrapped.chat(UserMessage.from("x")).aiMessage().text()).isEqualTo("array");
    assertThat(seen.ended()).hasSize(3).allMatch(end -> end.outcome().status() == CallStatus.OK);
  }

  @Test
  void chat_everyOverload_reachesTheModelOnce() {
    FakeChatModel model = FakeChatModel.saying("hi");
    ChatModel wrapped = ops.wrap(model);

    assertThat(wrapped.chat("hello")).isEqualTo("hi");
    assertThat(wrapped.chat(UserMessage.from("hello")).aiMessage().text()).isEqualTo("hi");
    assertThat(wrapped.chat(List.of(UserMessage.from("hello"))).aiMessage().text()).isEqualTo("hi");
    assertThat(wrapped.chat(REQUEST).aiMessage().text()).isEqualTo("hi");
    assertThat(wrapped.chat(REQUEST, ChatRequestOptions.EMPTY).aiMessage().text()).isEqualTo("hi");
    assertThat(wrapped.doChat(REQUEST).aiMessage().text()).isEqualTo("hi");

    assertThat(model.requests()).hasSize(6);
    assertThat(seen.ended()).hasSize(6);
    assertThat(events).hasSize(6);
  }

  @Test
  void chat_modelThatOverridesOneOverload_isCalledByThatOverload() {
    ChatModel requestOnly =
        new ChatModel() {
          @Override
          public ChatResponse chat(ChatRequest request) {
            return FakeChatModel.response("from chat(request)");
          }
        };
    ChatModel optionsOnly =
        new ChatModel() {
          @Override
          public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
            return FakeChatModel.response("from chat(request, options)");
          }
        };

    assertThat(ops.wrap(requestOnly).chat("hello")).isEqualTo("from chat(request)");
    assertThat(ops.wrap(optionsOnly).chat(REQUEST, ChatRequestOptions.EMPTY).aiMessage().text())
        .isEqualTo("from chat(request, options)");
  }

  @Test
  void chat_optionsWithListenerAttributes_arePassedOn() {
    ChatModel model = mock(ChatModel.class);
    ChatRequestOptions options =
        ChatRequestOptions.builder().addListenerAttribute("k", "v").build();
    when(model.chat(any(ChatRequest.class), any(ChatRequestOptions.class)))
        .thenReturn(FakeChatModel.response("hi"));

    ops.wrap(model).chat(REQUEST, options);

    verify(model).chat(REQUEST, options);
  }

  @Test
  void chat_mockedModelThatReturnsNullEverywhere_staysAsItIs() {
    ChatModel model = mock(ChatModel.class);

    assertThat(ops.wrap(model).chat(REQUEST)).isNull();

    assertThat(((ModelCallEvent) events.get(0)).status()).isEqualTo(CallStatus.OK);
    assertThat(ops.faults()).isZero();
  }

  @Test
  void chat_modelWithListeners_firesThemOnceAndShowsThem() {
    AtomicInteger requests = new AtomicInteger();
    AtomicInteger responses = new AtomicInteger();
    ChatModelListener listener =
        new ChatModelListener() {
          @Override
          public void onRequest(ChatModelRequestContext context) {
            requests.incrementAndGet();
          }

          @Override
          public void onResponse(ChatModelResponseContext context) {
            responses.incrementAndGet();
          }

          @Override
          public void onError(ChatModelErrorContext context) {
            throw new AssertionError(context.error());
          }
        };
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return FakeChatModel.response("hi");
          }

          @Override
          public List<ChatModelListener> listeners() {
            return List.of(listener);
          }
        };

    ops.wrap(model).chat("hello");

    assertThat(requests).hasValue(1);
    assertThat(responses).hasValue(1);
    assertThat(ops.wrap(model).listeners()).containsExactly(listener);
  }

  @Test
  void wrap_openAiModel_keepsItsOwnParameterClassAndCapabilities() {
    // LangChain4j casts the parameters of its OpenAI model: a wrapper that does not pass them on
    // fails there
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .apiKey("none")
            .modelName("gpt-4o-mini")
            .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
            .build();

    ChatModel wrapped = ops.wrap((ChatModel) model);

    assertThat(wrapped.defaultRequestParameters()).isInstanceOf(OpenAiChatRequestParameters.class);
    assertThat(wrapped.supportedCapabilities())
        .isEqualTo(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA));
    assertThat(wrapped.provider()).isEqualTo(ModelProvider.OPEN_AI);
  }

  @Test
  void wrap_twiceByTheSameOps_observesOnce() {
    ChatModel wrapped = ops.wrap(FakeChatModel.saying("hi"));

    ops.wrap(wrapped).chat("hello");

    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void chat_requestWithoutModel_callKnowsTheModelsDefaults() {
    ops.wrap(FakeChatModel.saying("hi"))
        .chat(
            ChatRequest.builder()
                .messages(UserMessage.from("hello"))
                .parameters(ChatRequestParameters.builder().temperature(0.5).build())
                .build());

    ModelCall call = (ModelCall) seen.begun().get(0);
    assertThat(call.modelName()).isEqualTo(FakeChatModel.MODEL);
    assertThat(call.request().temperature()).isEqualTo(0.5);
    assertThat(call.provider()).isEqualTo("openai");
    assertThat(call.streaming()).isFalse();
  }

  @Test
  void chat_answer_isToldInOneEventBeforeTheCallerHasIt() {
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      ops.wrap(FakeChatModel.saying("hi")).chat("hello");
    }

    assertThat(events).hasSize(1);
    ModelCallEvent event = (ModelCallEvent) events.get(0);
    assertThat(event.operation()).isEqualTo("chat");
    assertThat(event.requestModel()).isEqualTo("fake-model");
    assertThat(event.model()).isEqualTo("fake-model-2026-01-01");
    assertThat(event.usage()).contains(Usage.of(10, 5));
    assertThat(event.finishReason()).isEqualTo("STOP");
    assertThat(event.cost()).isEmpty();
    assertThat(event.attributes().get("user.id")).isEqualTo("alice");
  }

  @Test
  void chat_modelCalledInside_seesWhatInterceptorsAddedToTheContext() {
    Key<String> key = Key.of("span");
    ChatInterceptor adding =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.addToContext(key, "inner");
            return null;
          }
        };
    FakeChatModel model =
        FakeChatModel.answering(
            request -> FakeChatModel.response(String.valueOf(Context.current().get(key))));

    assertThat(AgentOps.with(adding).build().wrap(model).chat("hello")).isEqualTo("inner");
    assertThat(Context.current().get(key)).isNull();
  }

  @Test
  void chat_describingMethodsThatThrow_doNotFailTheCall() {
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse chat(ChatRequest request) {
            return FakeChatModel.response("ok");
          }

          @Override
          public ChatRequestParameters defaultRequestParameters() {
            throw new IllegalStateException("not now");
          }

          @Override
          public ModelProvider provider() {
            throw new IllegalStateException("not now");
          }
        };

    assertThat(ops.wrap(model).chat(REQUEST).aiMessage().text()).isEqualTo("ok");
    assertThat(events).hasSize(1);
    assertThat(ops.faults()).isEqualTo(2);
  }
}
