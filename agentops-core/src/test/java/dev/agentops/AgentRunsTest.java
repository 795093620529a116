package dev.agentops;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.event.AgentCallEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.guardrail.InputGuardrail;
import dev.langchain4j.guardrail.InputGuardrailException;
import dev.langchain4j.guardrail.InputGuardrailResult;
import dev.langchain4j.guardrail.OutputGuardrail;
import dev.langchain4j.guardrail.OutputGuardrailException;
import dev.langchain4j.guardrail.OutputGuardrailResult;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.observability.api.listener.AiServiceCompletedListener;
import dev.langchain4j.service.IllegalConfigurationException;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.memory.ChatMemoryAccess;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each call of an AI service is one run of an agent, which ends exactly once, however it ends. */
@Timeout(60)
class AgentRunsTest {

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final TestClock clock = TestClock.create();
  private final AgentOps ops =
      AgentOps.with(seen).listener(events::add).idleTimeout(Duration.ofSeconds(5)).build();

  /** Public, or LangChain4j could not call its default method. */
  public interface Assistant {
    String chat(String message);

    default String twice(String message) {
      return chat(message) + chat(message);
    }
  }

  interface Streaming {
    TokenStream chat(String message);
  }

  interface Futures {
    CompletableFuture<String> chat(String message);
  }

  interface Conversations extends ChatMemoryAccess {
    Result<String> chat(
        @MemoryId String conversation, @dev.langchain4j.service.UserMessage String message);
  }

  /** Its methods return what starts on the thread that asks for it. */
  interface Lazy {
    TokenStreams.Later chat(String message);
  }

  static class Adder {
    @Tool("adds two numbers")
    int add(int a, int b) {
      return a + b;
    }
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(seen.ended()).hasSameSizeAs(withGuardrails(seen.begun()));
    assertThat(ops.invocations().size()).isZero();
    assertThat(ops.faults()).isZero();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  /** Guardrails have an end only. */
  private List<Object> withGuardrails(List<Call> begun) {
    List<Object> all = new ArrayList<>(begun);
    seen.ended().stream()
        .map(e -> e.call())
        .filter(GuardrailCall.class::isInstance)
        .forEach(all::add);
    return all;
  }

  @Test
  void sync_isOneRunAroundItsCalls() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(new Adder())
            .build();

    assertThat(assistant.chat("add")).isEqualTo("the sum is 7");

    AgentCall run = onlyRun();
    assertThat(run.agentName()).isEqualTo("Assistant");
    assertThat(run.interfaceName()).isEqualTo(Assistant.class.getName());
    assertThat(run.methodName()).isEqualTo("chat");
    assertThat(run.arguments()).containsExactly("add");
    assertThat(run.conversationId()).isNull();
    assertThat(run.modelCalls()).isEqualTo(2);
    assertThat(run.usage()).isEqualTo(Usage.of(20, 10));
    assertThat(run.finishReason()).isEqualTo("STOP");
    assertThat(run.agent()).isNull();
    assertThat(seen.begun()).hasSize(4); // and each within the run
    assertThat(seen.begun().subList(1, 4)).allMatch(call -> call.agent() == run);
    assertThat(endOf(run).outcome().response()).isEqualTo("the sum is 7");
    assertThat(agentEvents())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.agent()).isEqualTo("Assistant");
              assertThat(event.status()).isEqualTo(CallStatus.OK);
              assertThat(event.modelCalls()).isEqualTo(2);
              assertThat(event.usage()).isEqualTo(Usage.of(20, 10));
            });
  }

  @Test
  void toolCall_knowsWhatTheModelWasTold() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(new Adder())
            .build();

    assistant.chat("add");

    ToolCall tool =
        (ToolCall)
            seen.begun().stream().filter(ToolCall.class::isInstance).findFirst().orElseThrow();
    assertThat(tool.specification().description()).isEqualTo("adds two numbers");
    assertThat(tool.askingSpanId()).isNull(); // nothing traces
  }

  @Test
  void toolProvider_givenTwice_isThereOnce() {
    ToolProvider provider =
        request ->
            ToolProviderResult.builder()
                .add(ToolSpecification.builder().name("add").build(), (call, memoryId) -> "7")
                .build();
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .toolProvider(provider)
            .toolProviders(provider, provider)
            .build();

    assertThat(assistant.chat("add")).isEqualTo("the sum is 7");
    assertThat(seen.begun()).filteredOn(ToolCall.class::isInstance).hasSize(1);
  }

  @Test
  void result_andMemoryAccess_areKept() {
    Conversations service =
        ops.aiServices(Conversations.class)
            .chatModel(FakeChatModel.saying("hi"))
            .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
            .build();

    Result<String> result = service.chat("c-1", "hello");

    assertThat(result.content()).isEqualTo("hi");
    assertThat(onlyRun().conversationId()).isEqualTo("c-1");
    assertThat(service.getChatMemory("c-1").messages()).hasSize(2);
    assertThat(service.evictChatMemory("c-1")).isTrue();
    assertThat(runs()).hasSize(1);
  }

  @Test
  void defaultAndObjectMethods_areNoRuns_butWhatTheyCallIs() {
    Assistant assistant =
        ops.aiServices(Assistant.class).chatModel(FakeChatModel.saying("hi")).build();

    assertThat(List.of(assistant)).contains(assistant);
    assertThat(assistant).hasSameHashCodeAs(System.identityHashCode(assistant));
    assertThat(assistant.toString()).contains("Assistant");
    assertThat(runs()).isEmpty();

    assertThat(assistant.twice("x")).isEqualTo("hihi");
    assertThat(runs()).extracting(AgentCall::methodName).containsExactly("chat", "chat");
  }

  @Test
  void build_withoutAModel_failsAsLangChain4jDoes() {
    assertThatThrownBy(() -> ops.aiServices(Assistant.class).build())
        .isInstanceOf(IllegalConfigurationException.class);
  }

  @Test
  void build_twice_wrapsOnce() {
    var builder =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(new Adder());
    builder.build();

    builder.build().chat("add");

    assertThat(seen.begun()).hasSize(4);
  }

  @Test
  void exceptionOfTheModel_passesUnchanged() {
    IllegalStateException down = new IllegalStateException("down");
    Assistant assistant =
        ops.aiServices(Assistant.class).chatModel(FakeChatModel.throwing(down)).build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(down);

    assertThat(endOf(onlyRun()).outcome().error()).isSameAs(down);
  }

  @Test
  void errorOfTheModel_endsTheRun() {
    AssertionError error = new AssertionError("broken");
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(
                FakeChatModel.answering(
                    request -> {
                      throw error;
                    }))
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(error);

    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void errorOfATool_endsTheRun() {
    AssertionError error = new AssertionError("broken");
    ToolExecutor broken =
        (request, memoryId) -> {
          throw error;
        };
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(Map.of(ToolSpecification.builder().name("add").build(), broken))
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(error);

    assertThat(endOf(onlyRun()).outcome().error()).isSameAs(error);
  }

  @Test
  void refusalOfAnInterceptor_isThrown_andNothingIsAsked() {
    CallRejectedException refusal = new CallRejectedException("no more runs");
    List<Outcome<Object>> after = new ArrayList<>();
    class Refusing implements ChatInterceptor, AgentInterceptor {
      @Override
      public void before(AgentCall call) {
        throw refusal;
      }

      @Override
      public void after(AgentCall call, Outcome<Object> outcome) {
        after.add(outcome);
      }
    }
    FakeChatModel model = FakeChatModel.saying("hi");
    Assistant assistant =
        AgentOps.with(new Refusing()).build().aiServices(Assistant.class).chatModel(model).build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(refusal);

    assertThat(model.requests()).isEmpty();
    assertThat(after).singleElement().matches(outcome -> outcome.status() == CallStatus.REJECTED);
  }

  @Test
  void listenerOfTheUserThatThrows_changesNothing() {
    AiServiceCompletedListener broken =
        event -> {
          throw new IllegalStateException("listener");
        };
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .registerListener(broken)
            .build();
    Streaming stream =
        ops.aiServices(Streaming.class)
            .streamingChatModel(FakeStreamingChatModel.saying("hi"))
            .registerListener(broken)
            .build();

    assertThat(assistant.chat("x")).isEqualTo("hi");
    stream.chat("x").ignoreErrors().start();

    assertThat(runs()).hasSize(2);
    assertThat(agentEvents()).hasSize(2).allMatch(event -> event.status() == CallStatus.OK);
  }

  @Test
  void retrieval_canBeRefused() {
    CallRejectedException refusal = new CallRejectedException("not this index");
    class Refusing implements ChatInterceptor, RetrievalInterceptor {
      @Override
      public void before(RetrievalCall call) {
        assertThat(call.dataSource()).isEqualTo("secrets");
        assertThat(call.query()).isEqualTo("x");
        throw refusal;
      }
    }
    AgentOps refusing = AgentOps.with(new Refusing()).build();
    Assistant assistant =
        refusing
            .aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .contentRetriever(refusing.wrapRetriever(query -> List.of(), "secrets"))
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(refusal);
    assertThat(refusing.faults()).isZero();
  }

  @Test
  void wrapRetriever_underABlankName_isRefused() {
    assertThatThrownBy(() -> ops.wrapRetriever(query -> List.of(), " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("' '");
  }

  @Test
  void modelCall_tellsTheSeedOfOpenAi() {
    ops.wrap(FakeChatModel.saying("hi"))
        .chat(
            ChatRequest.builder()
                .messages(UserMessage.from("x"))
                .parameters(OpenAiChatRequestParameters.builder().seed(7).build())
                .build());
    ops.wrap(FakeChatModel.saying("hi")).chat("x");

    assertThat(seen.begun())
        .extracting(call -> ((ModelCall) call).seed())
        .containsExactly(7L, null);
  }

  static class BrokenInput implements InputGuardrail {
    @Override
    public InputGuardrailResult validate(UserMessage message) {
      throw new IllegalStateException("no such word list");
    }
  }

  static class BrokenOutput implements OutputGuardrail {
    @Override
    public OutputGuardrailResult validate(AiMessage message) {
      throw failure();
    }

    private static RuntimeException failure() {
      throw new IllegalArgumentException("no such number");
    }
  }

  @Test
  void guardrailThatThrows_isTold() {
    Assistant refusing =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .inputGuardrails(new BrokenInput())
            .build();
    Assistant answering =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .outputGuardrails(new BrokenOutput())
            .build();

    assertThatThrownBy(() -> refusing.chat("x")).isInstanceOf(InputGuardrailException.class);
    assertThatThrownBy(() -> answering.chat("x")).isInstanceOf(OutputGuardrailException.class);

    assertThat(guardrails())
        .extracting(call -> call.name() + " " + call.type())
        .containsExactly("BrokenInput INPUT", "BrokenOutput OUTPUT");
    for (int i = 0; i < 2; i++) {
      assertThat(guardrails().get(i).agent()).isSameAs(runs().get(i));
      assertThat(endOf(guardrails().get(i)).outcome().error()).hasMessageContaining("no such");
    }
  }

  @Test
  void guardrails_areTold_alsoOfTheirFailure() {
    InputGuardrail input =
        new InputGuardrail() {
          @Override
          public InputGuardrailResult validate(UserMessage message) {
            return message.singleText().contains("bad") ? fatal("refused") : success();
          }

          @Override
          public String name() {
            return "words";
          }
        };
    OutputGuardrail output =
        new OutputGuardrail() {
          @Override
          public OutputGuardrailResult validate(AiMessage message) {
            return successWith("rewritten");
          }
        };
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .inputGuardrails(input)
            .outputGuardrails(output)
            .build();

    assertThat(assistant.chat("good")).isEqualTo("rewritten");
    assertThatThrownBy(() -> assistant.chat("bad")).isInstanceOf(InputGuardrailException.class);

    assertThat(guardrails())
        .extracting(call -> call.type())
        .containsExactly(
            GuardrailCall.Type.INPUT, GuardrailCall.Type.OUTPUT, GuardrailCall.Type.INPUT);
    assertThat(guardrails().get(0).name()).isEqualTo("words");
    assertThat(guardrails().get(0).agent()).isSameAs(runs().get(0));
    assertThat(guardrails().get(2).agent()).isSameAs(runs().get(1));
    assertThat(endOf(runs().get(1)).outcome().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void stream_isOneRun_toItsEnd() throws Exception {
    AtomicReference<Context> atTheEnd = new AtomicReference<>();
    CompletableFuture<String> reply = new CompletableFuture<>();
    TokenStream stream = streaming(AgentRunsTest::addThenAnswer).chat("add");
    assertThat(runs()).hasSize(1);
    assertThat(agentEvents()).isEmpty(); // still running

    stream
        .onPartialResponse(text -> {})
        .onCompleteResponse(
            response -> {
              assertThat(agentEvents()).hasSize(1); // before the caller hears of it
              atTheEnd.set(Context.current());
              reply.complete(response.aiMessage().text());
            })
        .onError(reply::completeExceptionally)
        .start();

    assertThat(reply.get(10, SECONDS)).isEqualTo("the sum is 7");
    AgentCall run = onlyRun();
    assertThat(run.modelCalls()).isEqualTo(2);
    assertThat(atTheEnd.get().get(AgentCall.KEY)).isNull(); // where the next turn belongs
    assertThat(((ChatResponse) endOf(run).outcome().response()).aiMessage().text())
        .isEqualTo("the sum is 7");
    assertThat(seen.begun().subList(1, 4)).allMatch(call -> call.agent() == run);
  }

  @Test
  void stream_withoutHandlers_endsTheRun() {
    streaming(AgentRunsTest::addThenAnswer).chat("add").ignoreErrors().start();

    await().until(() -> !agentEvents().isEmpty());
    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.OK);
  }

  @Test
  void stream_neverStarted_isAbandonedWhenItIsGone() {
    streaming(AgentRunsTest::addThenAnswer).chat("add");

    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return !agentEvents().isEmpty();
            });

    assertThat(endOf(onlyRun()).outcome().isAbandoned()).isTrue();
    assertThat(agentEvents().get(0).status()).isEqualTo(CallStatus.CANCELLED);
  }

  @Test
  void stream_wronglyConfigured_endsTheRun() {
    TokenStream stream = streaming(AgentRunsTest::addThenAnswer).chat("add");

    assertThatThrownBy(stream::start).isInstanceOf(IllegalConfigurationException.class);

    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void stream_refusedByTheClient_endsTheRun() {
    IllegalStateException refused = new IllegalStateException("no key");
    Streaming service =
        service(
            FakeStreamingChatModel.scripted(
                (request, handler) -> {
                  throw refused;
                }));

    assertThatThrownBy(() -> service.chat("x").ignoreErrors().start()).isSameAs(refused);

    assertThat(endOf(onlyRun()).outcome().error()).isSameAs(refused);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stream_thatBreaks_endsTheRun(boolean ignored) {
    IllegalStateException broken = new IllegalStateException("connection reset");
    List<Throwable> told = new CopyOnWriteArrayList<>();
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    TokenStream stream = service(model).chat("x");
    (ignored ? stream.ignoreErrors() : stream.onError(told::add)).start();

    model.handler().onError(broken);

    assertThat(endOf(onlyRun()).outcome().error()).isSameAs(broken);
    assertThat(told).hasSize(ignored ? 0 : 1);
  }

  @Test
  void stream_thatIsCancelled_endsTheRun() {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    AtomicReference<StreamingHandle> handle = new AtomicReference<>();
    service(model)
        .chat("x")
        .onPartialResponseWithContext(
            (partial, context) -> handle.set(((PartialResponseContext) context).streamingHandle()))
        .ignoreErrors()
        .start();
    model.chunk("hello", new FakeStreamingChatModel.Handle());

    handle.get().cancel();

    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.CANCELLED);
    assertThat(endOf(onlyRun()).outcome().isAbandoned()).isFalse();
  }

  @Test
  void stream_thatFallsSilent_endsTheRun() {
    RecordingInterceptor mine = new RecordingInterceptor();
    AgentOps timed = AgentOps.with(mine).clock(clock).build();
    timed
        .aiServices(Streaming.class)
        .streamingChatModel(FakeStreamingChatModel.drivenByHand())
        .build()
        .chat("x")
        .ignoreErrors()
        .start();

    clock.advance(Duration.ofSeconds(301));

    await().until(() -> mine.ended().size() == 2);
    assertThat(mine.ended().get(1).call()).isInstanceOf(AgentCall.class);
    assertThat(mine.ended().get(1).outcome().error()).isInstanceOf(StreamTimeoutException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stream_whoseToolFailsOnTheWay_endsTheRun(boolean concurrently) {
    AssertionError error = new AssertionError("broken");
    ToolExecutor broken =
        (request, memoryId) -> {
          throw error;
        };
    var builder =
        ops.aiServices(Streaming.class)
            .streamingChatModel(TokenStreams.onItsOwnThread(AgentRunsTest::addThenAnswer))
            .tools(Map.of(ToolSpecification.builder().name("add").build(), broken));
    Streaming service = (concurrently ? builder.executeToolsConcurrently() : builder).build();

    service.chat("x").onCompleteResponse(response -> {}).onError(told -> {}).start();

    await().until(() -> !agentEvents().isEmpty());
    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void stream_whoseCallbackThrows_endsTheRun() {
    Streaming service = service(FakeStreamingChatModel.saying("hello you"));

    assertThatThrownBy(
            () ->
                service
                    .chat("x")
                    .onPartialResponse(
                        text -> {
                          throw new IllegalStateException("cannot print");
                        })
                    .onError(told -> {})
                    .start())
        .hasMessage("cannot print");

    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void stream_whoseLastCallbackThrows_hasEnded() {
    TokenStream stream =
        service(FakeStreamingChatModel.saying("hello"))
            .chat("x")
            .onCompleteResponse(
                response -> {
                  throw new IllegalStateException("cannot print");
                })
            .onError(told -> {});

    assertThatThrownBy(stream::start).hasMessage("cannot print");

    assertThat(endOf(onlyRun()).outcome().status()).isEqualTo(CallStatus.OK);
  }

  @Test
  void stream_refusedInTheSecondRound_endsTheRun() throws Exception {
    CallRejectedException refusal = new CallRejectedException("one call is enough");
    List<Outcome<Object>> after = new CopyOnWriteArrayList<>();
    class OneCall implements ChatInterceptor, AgentInterceptor {
      @Override
      public ChatResponse before(ModelCall call) {
        if (call.request().messages().size() > 1) {
          throw refusal;
        }
        return null;
      }

      @Override
      public void after(AgentCall call, Outcome<Object> outcome) {
        after.add(outcome);
      }
    }
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    AgentOps.with(new OneCall())
        .build()
        .aiServices(Streaming.class)
        .streamingChatModel(TokenStreams.onItsOwnThread(AgentRunsTest::addThenAnswer))
        .tools(new Adder())
        .build()
        .chat("x")
        .onError(told::complete)
        .start();

    assertThat(told.get(10, SECONDS)).isSameAs(refusal);
    assertThat(after).singleElement().matches(outcome -> outcome.error() == refusal);
  }

  @Test
  void lazyStream_startedOnAnotherThread_isOneRun() throws Exception {
    Lazy service =
        ops.aiServices(Lazy.class)
            .streamingChatModel(TokenStreams.onItsOwnThread(AgentRunsTest::addThenAnswer))
            .tools(new Adder())
            .build();
    TokenStreams.Later later = service.chat("add");
    assertThat(agentEvents()).isEmpty();

    String reply = CompletableFuture.supplyAsync(later::start).get(10, SECONDS).get(10, SECONDS);

    assertThat(reply).isEqualTo("the sum is 7");
    AgentCall run = onlyRun();
    assertThat(run.modelCalls()).isEqualTo(2);
    assertThat(seen.begun().subList(1, 4)).allMatch(call -> call.agent() == run);
    assertThat(ops.requestOrigins().size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void future_isOneRun_toItsEnd(boolean failing) throws Exception {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    Futures service = ops.aiServices(Futures.class).streamingChatModel(model).build();

    CompletableFuture<String> reply = service.chat("x");
    assertThat(agentEvents()).isEmpty();
    if (failing) {
      model.handler().onError(new IllegalStateException("down"));
    } else {
      model.handler().onCompleteResponse(FakeChatModel.response("hi"));
    }

    assertThat(reply).isDone();
    assertThat(agentEvents())
        .singleElement()
        .matches(event -> event.status() == (failing ? CallStatus.ERROR : CallStatus.OK));
  }

  @Test
  void nestedAgent_countsForItself() {
    Assistant inner = ops.aiServices(Assistant.class).chatModel(FakeChatModel.saying("7")).build();
    ToolExecutor asks = (request, memoryId) -> inner.chat("what is the sum?");
    Assistant outer =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(Map.of(ToolSpecification.builder().name("add").build(), asks))
            .build();

    outer.chat("add");

    assertThat(runs()).hasSize(2);
    assertThat(runs().get(0).modelCalls()).isEqualTo(2);
    assertThat(runs().get(1).modelCalls()).isEqualTo(1);
    assertThat(runs().get(1).agent()).isSameAs(runs().get(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sameServiceAtOnce_neverMixes(boolean streaming) throws Exception {
    int callers = 8;
    CyclicBarrier together = new CyclicBarrier(callers);
    ToolExecutor tool =
        (request, memoryId) -> {
          try {
            together.await(30, SECONDS); // all are in their tools at once
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return "7";
        };
    Map<ToolSpecification, ToolExecutor> tools =
        Map.of(ToolSpecification.builder().name("add").build(), tool);
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.answering(AgentRunsTest::addThenAnswer))
            .tools(tools)
            .build();
    Streaming stream =
        ops.aiServices(Streaming.class)
            .streamingChatModel(TokenStreams.onItsOwnThread(AgentRunsTest::addThenAnswer))
            .tools(tools)
            .executeToolsConcurrently()
            .build();
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        running.add(
            threads.submit(
                () -> {
                  if (streaming) {
                    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
                    stream.chat("x").onCompleteResponse(end::complete).ignoreErrors().start();
                    end.get(30, SECONDS);
                  } else {
                    assistant.chat("x");
                  }
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(40, SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(runs()).hasSize(callers).allMatch(run -> run.modelCalls() == 2);
    for (AgentCall run : runs()) {
      assertThat(seen.begun().stream().filter(call -> call.agent() == run)).hasSize(3);
    }
  }

  @Test
  void attributesOfTheProcess_areOnEveryCall_underThoseOfScopes() {
    RecordingInterceptor mine = new RecordingInterceptor();
    AgentOps process =
        AgentOps.with(mine)
            .attributes(
                Attributes.of(Attributes.RELEASE, "1.2", Attributes.ENVIRONMENT, "production"))
            .build();
    Assistant assistant =
        process.aiServices(Assistant.class).chatModel(FakeChatModel.saying("hi")).build();

    try (Scope scope = process.scope(Attributes.of(Attributes.ENVIRONMENT, "staging"))) {
      assertThat(Context.current().attributes().text(Attributes.RELEASE)).isEqualTo("1.2");
      assistant.chat("x");
    }
    assistant.chat("y");

    assertThat(mine.begun()).hasSize(4);
    assertThat(mine.begun())
        .allMatch(call -> "1.2".equals(call.attributes().text(Attributes.RELEASE)));
    assertThat(mine.begun())
        .extracting(call -> call.attributes().text(Attributes.ENVIRONMENT))
        .containsExactly("staging", "staging", "production", "production");
  }

  private Streaming streaming(Function<ChatRequest, ChatResponse> answers) {
    return ops.aiServices(Streaming.class)
        .streamingChatModel(TokenStreams.onItsOwnThread(answers))
        .tools(new Adder())
        .build();
  }

  private Streaming service(FakeStreamingChatModel model) {
    return ops.aiServices(Streaming.class).streamingChatModel(model).build();
  }

  private AgentCall onlyRun() {
    assertThat(runs()).hasSize(1);
    return runs().get(0);
  }

  private List<AgentCall> runs() {
    return seen.begun().stream()
        .filter(AgentCall.class::isInstance)
        .map(AgentCall.class::cast)
        .toList();
  }

  private List<GuardrailCall> guardrails() {
    return seen.ended().stream()
        .map(ended -> ended.call())
        .filter(GuardrailCall.class::isInstance)
        .map(GuardrailCall.class::cast)
        .toList();
  }

  private RecordingInterceptor.Ended endOf(Call run) {
    List<RecordingInterceptor.Ended> ends =
        seen.ended().stream().filter(ended -> ended.call() == run).toList();
    assertThat(ends).hasSize(1);
    return ends.get(0);
  }

  private List<AgentCallEvent> agentEvents() {
    return events.stream()
        .filter(AgentCallEvent.class::isInstance)
        .map(AgentCallEvent.class::cast)
        .toList();
  }

  private static ChatResponse addThenAnswer(ChatRequest request) {
    for (var message : request.messages()) {
      if (message instanceof ToolExecutionResultMessage result) {
        return FakeChatModel.response("the sum is " + result.text());
      }
    }
    return FakeChatModel.response(
        AiMessage.from(
            ToolExecutionRequest.builder()
                .id("1")
                .name("add")
                .arguments("{\"arg0\": 3, \"arg1\": 4, \"a\": 3, \"b\": 4}")
                .build()),
        FinishReason.TOOL_EXECUTION);
  }
}
