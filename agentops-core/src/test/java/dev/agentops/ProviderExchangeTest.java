package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.event.CallStatus;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.model.chat.ChatModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProviderExchangeTest {

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final AgentOps ops = AgentOps.with(seen).build();

  @Test
  void answered_keepsTheLast_andCounts() {
    ProviderExchange exchange = ProviderExchange.create();
    assertThat(exchange.status()).isZero();
    assertThat(exchange.headers()).isEmpty();

    exchange.answered(500, Map.of("a", List.of("1")));
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("X-B", List.of("1", "2"));
    headers.put("Set-Cookie", List.of("secret"));
    headers.put(":status", List.of("200"));
    headers.put(null, List.of("HTTP/1.1 200"));
    exchange.answered(200, headers);

    assertThat(exchange.status()).isEqualTo(200);
    assertThat(exchange.answers()).isEqualTo(2);
    assertThat(exchange.headers()).containsOnlyKeys("X-B");
    assertThat(exchange.headers().get("x-b")).containsExactly("1", "2");
    assertThatThrownBy(() -> exchange.headers().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void current_isThatOfTheCall_onlyWhileTheModelIsAsked() {
    List<ProviderExchange> inside = new ArrayList<>();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  inside.add(ProviderExchange.current());
                  return FakeChatModel.response("hi");
                }));

    model.chat("a");
    model.chat("b");

    assertThat(ProviderExchange.current()).isNull();
    assertThat(inside)
        .containsExactly(
            ((ProviderCall) seen.begun().get(0)).exchange(),
            ((ProviderCall) seen.begun().get(1)).exchange())
        .doesNotHaveDuplicates();
  }

  @Test
  void exchangeAroundCalls_learnsOfTheirAnswers_andBreaksThemOff() {
    ProviderExchange around = ProviderExchange.create();
    AtomicInteger closed = new AtomicInteger();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  ProviderExchange mine = Objects.requireNonNull(ProviderExchange.current());
                  mine.answered(429, Map.of("retry-after", List.of("3")));
                  mine.breakOffWith(closed::incrementAndGet);
                  around.breakOff();
                  throw new IllegalStateException("closed");
                }));

    try (Scope scope = around.open()) {
      assertThatThrownBy(() -> model.chat("a"))
          .isInstanceOf(CancellationException.class)
          .hasSuppressedException(new IllegalStateException("closed"));
      assertThatThrownBy(() -> model.chat("b")).isInstanceOf(CancellationException.class);
    }

    assertThat(closed).hasValue(1);
    assertThat(around.status()).isEqualTo(429);
    assertThat(around.answers()).as("the second was not asked").isEqualTo(1);
    assertThat(seen.ended())
        .extracting(ended -> ended.outcome().status())
        .containsExactly(CallStatus.CANCELLED, CallStatus.CANCELLED);
  }

  @Test
  void breakOff_ofAStream_endsItWhateverTheClient() {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    RecordingHandler handler = new RecordingHandler();
    ops.wrap(model).chat("a", handler);
    FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
    model.chunk("x", handle);

    ((ProviderCall) seen.begun().get(0)).exchange().breakOff();
    model.chunk("y", handle);
    model.handler().onCompleteResponse(FakeChatModel.response("x y"));
    model.handler().onError(new IllegalStateException("closed"));

    assertThat(handle.isCancelled()).isTrue();
    assertThat(handler.calls()).containsExactly("text+ctx:x", "error:the call was broken off");
    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void breakOff_withinTheHandler_tellsItAfterwards() {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    List<String> order = new ArrayList<>();
    ops.wrap(model)
        .chat(
            "a",
            new dev.langchain4j.model.chat.response.StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String partial) {
                ((ProviderCall) seen.begun().get(0)).exchange().breakOff();
                order.add("chunk");
              }

              @Override
              public void onCompleteResponse(
                  dev.langchain4j.model.chat.response.ChatResponse response) {
                order.add("complete");
              }

              @Override
              public void onError(Throwable error) {
                order.add("error");
              }
            });

    model.handler().onPartialResponse("x");
    model.handler().onCompleteResponse(FakeChatModel.response("x"));

    assertThat(order).containsExactly("chunk", "error");
  }

  @Test
  void breakOffWith_runsOnce_alsoWhenLate_andNotWhenClosed() {
    ProviderExchange exchange = ProviderExchange.create();
    List<String> ran = new ArrayList<>();
    exchange.breakOffWith(() -> ran.add("first"));
    exchange.breakOffWith(
        () -> {
          throw new IllegalStateException("broken client");
        });
    exchange.breakOffWith(() -> ran.add("closed")).close();
    RuntimeException reason = new IllegalStateException("why");

    exchange.breakOff(reason);
    exchange.breakOff();
    exchange.breakOffWith(() -> ran.add("late"));

    assertThat(ran).containsExactly("first", "late");
    assertThat(exchange.reason()).isSameAs(reason);
  }

  @Test
  void breakOffWith_whileItIsBrokenOff_runsOnceAll() throws Exception {
    for (int round = 0; round < 200; round++) {
      ProviderExchange exchange = ProviderExchange.create();
      AtomicInteger ran = new AtomicInteger();
      CyclicBarrier atOnce = new CyclicBarrier(2);
      Thread breaker =
          new Thread(
              () -> {
                try {
                  atOnce.await();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
                exchange.breakOff();
              });
      breaker.start();
      atOnce.await();
      for (int i = 0; i < 20; i++) {
        exchange.breakOffWith(ran::incrementAndGet);
      }
      breaker.join();

      assertThat(ran).hasValue(20);
    }
  }
}
