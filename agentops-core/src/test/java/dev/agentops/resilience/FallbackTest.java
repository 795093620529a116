package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FallbackTest {

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final FakeChatModel other = FakeChatModel.saying("from the other");

  @Test
  void chat_firstFails_asksTheNextAndSaysSo() {
    ChatModel model =
        Fallback.ofDefaults()
            .wrap(ops.wrap(Faults.chat("hi", new RateLimitException("1"))), ops.wrap(other));

    assertThat(model.chat("hello")).isEqualTo("from the other");
    assertThat(events).filteredOn(ModelCallEvent.class::isInstance).hasSize(2);
    assertThat(events)
        .filteredOn(ResilienceEvent.class::isInstance)
        .map(ResilienceEvent.class::cast)
        .singleElement()
        .satisfies(event -> assertThat(event.to()).contains("openai/fake-model"))
        .satisfies(event -> assertThat(event.reason()).isEqualTo("rate_limited"));
    assertThat(events.get(2).attributes().get(Fallback.FALLBACK_FROM))
        .isEqualTo("openai/fake-model");
    assertThat(model.chat("again")).isEqualTo("hi");
  }

  @Test
  void chat_requestNamesAModel_othersGetTheirOwnName() {
    ChatModel model =
        Fallback.ofDefaults().wrap(Faults.chat("hi", new RateLimitException("1")), other);

    model.chat(
        ChatRequest.builder().messages(UserMessage.from("hello")).modelName("gpt-4o").build());

    assertThat(other.requests().get(0).modelName()).isEqualTo(FakeChatModel.MODEL);
  }

  @Test
  void chat_contextTooLong_goesToTheModelThatIsMeantForIt() {
    FakeChatModel large = FakeChatModel.saying("from the large one");
    ChatModel model =
        Fallback.builder()
            .target(2, ErrorKind.CONTEXT_TOO_LONG)
            .build()
            .wrap(
                Faults.chat("hi", new InvalidRequestException("context_length_exceeded")),
                other,
                large);

    assertThat(model.chat("hello")).isEqualTo("from the large one");
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void chat_badRequest_isNobodyElsesBusiness() {
    ChatModel model =
        Fallback.ofDefaults().wrap(Faults.chat("hi", new InvalidRequestException("1")), other);

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void chat_budgetIsSpent_fallsBackToTheCheaperModel() {
    AgentOps spent = AgentOps.with(new Refusing()).build();
    ChatModel model =
        Fallback.ofDefaults().wrap(spent.wrap(FakeChatModel.saying("hi")), ops.wrap(other));

    assertThat(model.chat("hello")).isEqualTo("from the other");
  }

  @Test
  void chat_allFail_throwsTheLastErrorWithTheOthersSuppressed() {
    RateLimitException first = new RateLimitException("1");
    InternalServerException last = new InternalServerException("2");
    ChatModel model =
        Fallback.ofDefaults().wrap(FakeChatModel.throwing(first), FakeChatModel.throwing(last));

    assertThatThrownBy(() -> model.chat("hello")).isSameAs(last).hasSuppressedException(first);
  }

  @Test
  void stream_firstFailsBeforeAChunk_streamsTheNext() {
    StreamingChatModel model =
        Fallback.ofDefaults()
            .wrap(
                ops.wrap(Faults.streaming("hi", new RateLimitException("1"))),
                ops.wrap(FakeStreamingChatModel.saying("other")));
    RecordingHandler handler = new RecordingHandler();

    model.chat("hello", handler);

    assertThat(handler.calls()).containsExactly("text+ctx:other", "complete:other");
  }

  @Test
  void stream_thrownByTheModel_isToldToTheHandler() {
    StreamingChatModel model =
        Fallback.ofDefaults()
            .wrap(
                FakeStreamingChatModel.scripted(
                    (request, handler) -> {
                      throw new InvalidRequestException("what?");
                    }),
                FakeStreamingChatModel.saying("other"));
    RecordingHandler handler = new RecordingHandler();

    model.chat("hello", handler);

    assertThat(handler.calls()).containsExactly("error:what?");
  }

  @Test
  void weights_decideWhichIsFirst() {
    FakeChatModel never = FakeChatModel.saying("never");
    FakeChatModel often = FakeChatModel.saying("often");
    ChatModel model = Fallback.builder().weights(0, 3, 1).build().wrap(never, often, other);

    for (int i = 0; i < 400; i++) {
      model.chat("hello");
    }

    assertThat(never.requests()).isEmpty();
    assertThat(often.requests()).hasSizeBetween(240, 360);
  }

  @Test
  void wrap_likeTheFirst() {
    ChatModel model = Fallback.ofDefaults().wrap(other, FakeChatModel.saying("x"));

    assertThat(model.provider()).isEqualTo(other.provider());
    assertThat(model.defaultRequestParameters()).isEqualTo(other.defaultRequestParameters());
    assertThat(model.supportedCapabilities()).isEqualTo(other.supportedCapabilities());
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatThrownBy(() -> Fallback.builder().weights(0, 0)).hasMessageContaining("[0, 0]");
    assertThatThrownBy(() -> Fallback.builder().target(1, ErrorKind.TIMEOUT).build().wrap(other))
        .hasMessageContaining("[1]");
    assertThatThrownBy(() -> Fallback.ofDefaults().wrap(new ChatModel[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static final class Refusing implements ChatInterceptor {

    @Override
    public @Nullable ChatResponse before(ModelCall call) {
      throw new CallRejectedException("the budget is spent");
    }
  }
}
