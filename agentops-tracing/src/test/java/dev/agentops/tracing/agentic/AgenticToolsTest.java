package dev.agentops.tracing.agentic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.ContentCapture;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.SpanTree;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.agent.AgentBuilder;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tools of agents are recorded, wrapped or not, and once. */
class AgenticToolsTest {

  private static final String TREE =
      """
      invoke_workflow Sequential
        invoke_agent write
          chat fake-model
          execute_tool lookup
            chat fake-model
          chat fake-model
      """;

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
  private final AgenticTracing tracing = AgenticTracing.of(tracer);

  /** Writes. */
  public interface Writer {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    String write(@V("topic") String topic);
  }

  /** Asks a model by itself. */
  public static final class Lookup {

    private final ChatModel model;

    Lookup(ChatModel model) {
      this.model = model;
    }

    @Tool("looks up")
    public String lookup() {
      return model.chat("look up");
    }
  }

  /** Fails. */
  public record Failing(RuntimeException failure) {
    @Tool("fails")
    public String lookup() {
      throw failure;
    }
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @Test
  void unwrappedTool_isRecordedAndCurrent() {
    run(tracing, builder -> builder.tools(new Lookup(ops.wrap(FakeChatModel.saying("found")))));

    assertThat(SpanTree.of(tracer.spans())).isEqualTo(TREE);
    assertThat(tool().output()).isEqualTo("found");
    assertThat(tool().agentName()).isEqualTo("write");
    assertThat(tool().attribute(GenAiAttributes.TOOL_CALL_ID)).isEqualTo("call-1");
  }

  @Test
  void wrappedTool_isRecordedOnce() {
    ToolExecutor lookup =
        (request, memoryId) -> ops.wrap(FakeChatModel.saying("found")).chat("look up");
    ToolSpecification specification =
        ToolSpecification.builder().name("lookup").description("looks up").build();

    run(tracing, builder -> builder.tools(Map.of(specification, ops.wrap(lookup))));

    assertThat(SpanTree.of(tracer.spans())).isEqualTo(TREE);
    assertThat(tool().output()).isEqualTo("found");
    assertThat(tool().attribute(GenAiAttributes.TOOL_DESCRIPTION)).isEqualTo("looks up");
    assertThat(tool().links()).hasSize(1);
  }

  @Test
  void toolThatFails_isAnError_andTheAgentGoesOn() {
    run(tracing, builder -> builder.tools(new Failing(new IllegalStateException("no"))));

    assertThat(tool().status()).isEqualTo(SpanStatus.ERROR);
    assertThat(tool().attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo("tool_error");
    assertThat(tracer.spans().get(0).status()).isEqualTo(SpanStatus.OK);
  }

  @Test
  void toolThatThrowsAnError_endsWithItsAgent() {
    ToolExecutor overflowing =
        (request, memoryId) -> {
          throw new StackOverflowError();
        };
    ToolSpecification specification = ToolSpecification.builder().name("lookup").build();

    assertThatThrownBy(
            () -> run(tracing, builder -> builder.tools(Map.of(specification, overflowing))))
        .isNotNull();

    assertThat(tool().status()).isEqualTo(SpanStatus.ERROR);
    assertThat(tracer.spans().get(0).status()).isEqualTo(SpanStatus.ERROR);
  }

  @Test
  void concurrentTools_onAnExecutorThatCarriesTheContext_areRecorded() {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      run(
          tracing,
          builder ->
              builder
                  .tools(new Lookup(ops.wrap(FakeChatModel.saying("found"))))
                  .executeToolsConcurrently(Scope.wrap(pool)));
    } finally {
      pool.shutdownNow();
    }

    assertThat(SpanTree.of(tracer.spans())).isEqualTo(TREE);
  }

  @Test
  void contentOff_keepsNoneOfIt() {
    Tracer careful = Tracer.builder().contentCapture(ContentCapture.OFF).build();

    run(
        AgenticTracing.of(careful),
        builder -> builder.tools(new Lookup(FakeChatModel.saying("found"))));

    assertThat(careful.spans())
        .hasSize(3)
        .allSatisfy(span -> assertThat(span.attributes().toString()).doesNotContain("found"))
        .allSatisfy(span -> assertThat(span.output()).isNull());
    careful.close();
  }

  private void run(AgenticTracing by, UnaryOperator<AgentBuilder<Writer, ?>> tools) {
    UntypedAgent system =
        by.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(
                    tools
                        .apply(
                            AgenticServices.agentBuilder(Writer.class)
                                .chatModel(
                                    ops.wrap(FakeChatModel.answering(AgenticToolsTest::answer))))
                        .build())
                .build());
    system.invoke(Map.of("topic", "cats"));
  }

  private static ChatResponse answer(ChatRequest request) {
    boolean answered =
        request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance);
    return answered
        ? FakeChatModel.response("done")
        : FakeChatModel.response(AiMessage.from(ToolRequests.of("lookup", "{}")), null);
  }

  private Span tool() {
    List<Span> tools =
        tracer.spans().stream().filter(span -> span.name().startsWith("execute_tool")).toList();
    assertThat(tools).hasSize(1);
    return tools.get(0);
  }
}
