package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.event.CallStatus;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.ReturnBehavior;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ObservedToolTest {

  private static final ToolExecutionRequest REQUEST =
      ToolExecutionRequest.builder().id("1").name("lookup").arguments("{\"q\":1}").build();

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(seen).listener(events::add).build();

  @Test
  void execute_eitherMethod_callsTheSameOneOfTheTool() {
    ToolExecutor tool =
        new ToolExecutor() {
          @Override
          public String execute(ToolExecutionRequest request, Object memoryId) {
            return "text for " + memoryId;
          }

          @Override
          public ToolExecutionResult executeWithContext(
              ToolExecutionRequest request, InvocationContext context) {
            return ToolExecutionResult.builder().result(42).resultText("42").build();
          }
        };

    assertThat(ops.wrap(tool).execute(REQUEST, "m1")).isEqualTo("text for m1");
    ToolExecutionResult result =
        ops.wrap(tool).executeWithContext(REQUEST, InvocationContext.builder().build());

    assertThat(result.result()).isEqualTo(42);
    assertThat(seen.ended()).hasSize(2);
    ToolCall call = (ToolCall) seen.begun().get(1);
    assertThat(call.name()).isEqualTo("lookup");
    assertThat(call.request().arguments()).isEqualTo("{\"q\":1}");
    assertThat(call.invocation()).isNotNull();
  }

  @Test
  void execute_toolReturnsNull_staysNull() {
    assertThat(ops.wrap((ToolExecutor) (request, memoryId) -> null).execute(REQUEST, "m1"))
        .isNull();
    assertThat(((ToolCallEvent) events.get(0)).status()).isEqualTo(CallStatus.OK);
    assertThat(ops.faults()).isZero();
  }

  @Test
  void execute_toolThrowsOrSaysError_isToldAsError() {
    ToolExecutor throwing =
        (request, memoryId) -> {
          throw new IllegalStateException("no network");
        };
    ToolExecutor failing =
        new ToolExecutor() {
          @Override
          public String execute(ToolExecutionRequest request, Object memoryId) {
            throw new AssertionError("not this one");
          }

          @Override
          public ToolExecutionResult executeWithContext(
              ToolExecutionRequest request, InvocationContext context) {
            return ToolExecutionResult.builder().isError(true).resultText("404").build();
          }
        };

    assertThatThrownBy(() -> ops.wrap(throwing).execute(REQUEST, "m1")).hasMessage("no network");
    ops.wrap(failing).executeWithContext(REQUEST, InvocationContext.builder().build());

    assertThat(events)
        .extracting(event -> ((ToolCallEvent) event).status())
        .containsOnly(CallStatus.ERROR);
    assertThat(((ToolCallEvent) events.get(0)).errorType())
        .isEqualTo("java.lang.IllegalStateException");
  }

  @Test
  void execute_interceptorAnswers_toolDoesNotRun() {
    AgentOps answering = AgentOps.with(new AnsweringTools()).build();
    ToolExecutor never =
        (request, memoryId) -> {
          throw new AssertionError("must not run");
        };

    assertThat(answering.wrap(never).execute(REQUEST, "m1")).isEqualTo("remembered");
  }

  @Test
  void provideTools_wrappedProvider_keepsSpecificationReturnBehaviorAndDynamism() {
    ToolSpecification specification =
        ToolSpecification.builder().name("lookup").description("looks up").build();
    ToolProvider provider =
        new ToolProvider() {
          @Override
          public ToolProviderResult provideTools(ToolProviderRequest request) {
            return ToolProviderResult.builder()
                .add(specification, (r, memoryId) -> "found", ReturnBehavior.IMMEDIATE)
                .build();
          }

          @Override
          public boolean isDynamic() {
            return true;
          }
        };

    ToolProvider wrapped = ops.wrap(provider);
    AiServiceTool tool =
        wrapped
            .provideTools(new ToolProviderRequest("m1", UserMessage.from("hi")))
            .aiServiceTools()
            .get(0);

    assertThat(wrapped.isDynamic()).isTrue();
    assertThat(tool.toolSpecification()).isEqualTo(specification);
    assertThat(tool.returnBehavior()).isEqualTo(ReturnBehavior.IMMEDIATE);
    assertThat(tool.toolExecutor().execute(REQUEST, "m1")).isEqualTo("found");
    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void execute_oneRequestObjectForTwoConversations_neitherRunsInTheOthersContext()
      throws Exception {
    ChatResponse constant =
        FakeChatModel.response(AiMessage.from(REQUEST), FinishReason.TOOL_EXECUTION);
    ChatModel model = ops.wrap(FakeChatModel.answering(request -> constant));
    for (String user : List.of("alice", "bob")) {
      try (Scope scope = ops.scope(Attributes.of("user.id", user))) {
        model.chat("add");
      }
    }
    ToolExecutor tool =
        ops.wrap(
            (request, memoryId) -> String.valueOf(Context.current().attributes().get("user.id")));
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      assertThat(pool.submit(() -> tool.execute(REQUEST, "m1")).get(10, TimeUnit.SECONDS))
          .isEqualTo("null");
      assertThat(pool.submit(() -> tool.execute(REQUEST, "m2")).get(10, TimeUnit.SECONDS))
          .isEqualTo("null");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void execute_withoutARequest_isTheToolsOwnMatter() {
    assertThat(ops.wrap((ToolExecutor) (request, memoryId) -> "ok").execute(null, "m1"))
        .isEqualTo("ok");
    assertThat(ops.faults()).isEqualTo(1);
  }

  private static final class AnsweringTools implements ChatInterceptor, ToolInterceptor {

    @Override
    public ToolExecutionResult before(ToolCall call) {
      return ToolExecutionResult.builder().resultText("remembered").build();
    }
  }
}
