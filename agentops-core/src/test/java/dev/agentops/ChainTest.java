package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChainTest {

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void chat_severalInterceptors_goesDownInOrderAndUpInReverse() {
    FakeChatModel model =
        FakeChatModel.answering(
            request -> {
              log.add("model");
              return FakeChatModel.response("hi");
            });

    assertThat(wrap(model, step("a"), step("b")).chat("hello")).isEqualTo("hi");

    assertThat(log).containsExactly("a before", "b before", "model", "b after OK", "a after OK");
  }

  @Test
  void chat_interceptorAnswers_modelIsNotAskedAndOnlyEnteredOnesGetTheirAfter() {
    FakeChatModel model = FakeChatModel.saying("from the model");
    ChatInterceptor answering =
        new Step("b") {
          @Override
          public ChatResponse before(ModelCall call) {
            super.before(call);
            return FakeChatModel.response("from b");
          }
        };

    assertThat(wrap(model, step("a"), answering, step("c")).chat("hello")).isEqualTo("from b");

    assertThat(model.requests()).isEmpty();
    assertThat(log).containsExactly("a before", "b before", "b after OK", "a after OK");
    assertThat(onlyEvent().usage()).isEmpty();
  }

  @Test
  void chat_interceptorRejects_throwsTheRejectionAndTellsIt() {
    CallRejectedException rejection = new CallRejectedException("no");
    ChatInterceptor rejecting =
        new Step("b") {
          @Override
          public ChatResponse before(ModelCall call) {
            super.before(call);
            throw rejection;
          }
        };
    ChatModel model = wrap(FakeChatModel.saying("x"), step("a"), rejecting, step("c"));

    assertThatThrownBy(() -> model.chat("hello")).isSameAs(rejection);

    assertThat(log).containsExactly("a before", "b before", "b after REJECTED", "a after REJECTED");
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.REJECTED);
    assertThat(onlyEvent().errorType()).isEqualTo(CallRejectedException.class.getName());
  }

  @Test
  void chat_interceptorAndListenerFail_agentNeverSeesItAndEveryFaultIsCounted() {
    ChatInterceptor broken =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new IllegalStateException("broken before");
          }

          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            throw new LinkageError("broken after");
          }
        };
    AgentOps ops =
        AgentOps.with(step("a"), broken, step("c"))
            .listener(
                event -> {
                  throw new IllegalArgumentException("broken listener");
                })
            .listener(events::add)
            .build();

    assertThat(ops.wrap(FakeChatModel.saying("hi")).chat("hello")).isEqualTo("hi");

    assertThat(log).containsExactly("a before", "c before", "c after OK", "a after OK");
    assertThat(ops.faults()).isEqualTo(3);
    assertThat(events).hasSize(1);
  }

  @Test
  void chat_modelThrowsAnError_afterRunsAndTheErrorPasses() {
    OutOfMemoryError error = new OutOfMemoryError("simulated");
    FakeChatModel model =
        FakeChatModel.answering(
            request -> {
              throw error;
            });

    assertThatThrownBy(() -> wrap(model, step("a")).chat("hello")).isSameAs(error);

    assertThat(log).containsExactly("a before", "a after ERROR");
    assertThat(onlyEvent().errorType()).isEqualTo("java.lang.OutOfMemoryError");
  }

  @Test
  void chat_stateOfTwoInterceptorsOfOneClass_doesNotMix() {
    List<Object> seen = new ArrayList<>();
    class Stateful implements ChatInterceptor {
      private final Key<String> key = Key.of("state");
      private final String value;

      Stateful(String value) {
        this.value = value;
      }

      @Override
      public @Nullable ChatResponse before(ModelCall call) {
        call.put(key, value);
        return null;
      }

      @Override
      public void after(ModelCall call, Outcome<ChatResponse> outcome) {
        seen.add(call.get(key));
      }
    }

    wrap(FakeChatModel.saying("hi"), new Stateful("one"), new Stateful("two")).chat("hello");

    assertThat(seen).containsExactly("two", "one");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void chat_randomFailures_everyEnteredBeforeGetsExactlyOneAfter(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 400; round++) {
      int size = 1 + random.nextInt(5);
      ChatInterceptor[] interceptors = new ChatInterceptor[size];
      int[] balance = new int[size];
      for (int i = 0; i < size; i++) {
        interceptors[i] = new Chaotic(random, balance, i);
      }
      FakeChatModel model =
          random.nextInt(4) == 0
              ? FakeChatModel.throwing(new IllegalStateException())
              : FakeChatModel.saying("x");
      List<OpsEvent> told = new ArrayList<>();
      ChatModel wrapped = AgentOps.with(interceptors).listener(told::add).build().wrap(model);
      try {
        wrapped.chat("hello");
      } catch (CallRejectedException | IllegalStateException expected) {
        // the point is what happens beside it
      }
      assertThat(balance).containsOnly(0);
      assertThat(told).hasSize(1);
    }
  }

  @Test
  void with_oneInterceptorTwice_isRefused() {
    ChatInterceptor one = step("a");

    assertThatThrownBy(() -> AgentOps.with(one, step("b"), one))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private ChatModel wrap(ChatModel model, ChatInterceptor... interceptors) {
    return AgentOps.with(interceptors).listener(events::add).build().wrap(model);
  }

  private ModelCallEvent onlyEvent() {
    assertThat(events).hasSize(1);
    return (ModelCallEvent) events.get(0);
  }

  private Step step(String name) {
    return new Step(name);
  }

  private class Step implements ChatInterceptor {

    private final String name;

    Step(String name) {
      this.name = name;
    }

    @Override
    public @Nullable ChatResponse before(ModelCall call) {
      log.add(name + " before");
      return null;
    }

    @Override
    public void after(ModelCall call, Outcome<ChatResponse> outcome) {
      log.add(name + " after " + outcome.status());
    }
  }

  /** Answers, rejects, or fails at random, and counts befores minus afters. */
  private record Chaotic(Random random, int[] balance, int index) implements ChatInterceptor {

    @Override
    public @Nullable ChatResponse before(ModelCall call) {
      balance[index]++;
      return switch (random.nextInt(8)) {
        case 0 -> FakeChatModel.response("early");
        case 1 -> throw new CallRejectedException("no");
        case 2 -> throw new IllegalStateException("a fault of ours");
        default -> null;
      };
    }

    @Override
    public void after(ModelCall call, Outcome<ChatResponse> outcome) {
      balance[index]--;
      if (random.nextInt(4) == 0) {
        throw new IllegalStateException("a fault of ours");
      }
    }
  }
}
