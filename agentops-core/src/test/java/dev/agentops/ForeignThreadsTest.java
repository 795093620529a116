package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.router.DefaultQueryRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tools and retrievers belong to the agent that uses them, whatever their thread knows. */
@Timeout(30)
class ForeignThreadsTest {

  /** The one answer of a cache or a mock: the same objects for everybody. */
  private static final ChatResponse TWO_TOOLS =
      FakeChatModel.response(
          AiMessage.from(List.of(request("1"), request("2"))), FinishReason.TOOL_EXECUTION);

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final AgentOps ops =
      AgentOps.with(seen).attributes(Attributes.of("release", "7")).build();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  interface Assistant {
    String chat(String message);
  }

  static class Lookup {
    @Tool("looks up")
    String lookup() {
      return "found";
    }
  }

  @AfterEach
  void endPool() {
    pool.shutdownNow();
  }

  @Test
  void tools_ofOneResponseObjectForAll_belongToTheAgentThatExecutesThem() throws Exception {
    Assistant assistant = assistant(pool);
    CyclicBarrier atOnce = new CyclicBarrier(4);
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String session = "s-" + i;
      answers.add(
          Executors.newCachedThreadPool(ForeignThreadsTest::daemon)
              .submit(
                  () -> {
                    atOnce.await(10, TimeUnit.SECONDS);
                    try (Scope scope = ops.scope(Attributes.of("session.id", session))) {
                      return assistant.chat("x");
                    }
                  }));
    }
    for (Future<String> answer : answers) {
      answer.get(10, TimeUnit.SECONDS);
    }

    assertThat(tools()).hasSize(8);
    assertEachInItsAgent();
  }

  @Test
  void tools_afterARequestThatNobodyExecuted_areLinkedAgain() {
    ops.wrap(FakeChatModel.answering(request -> TWO_TOOLS)).chat("executes nothing");
    assistant(pool).chat("x");
    assistant(pool).chat("x");

    assertThat(tools()).hasSize(4).allMatch(tool -> tool.specification() != null);
    assertEachInItsAgent();
  }

  @Test
  void tools_onThreadsWithAScopeOfTheirOwn_belongToTheAgent() {
    Executor scoped =
        task ->
            pool.execute(
                () -> {
                  try (Scope scope =
                      ops.scope(Attributes.of("worker", "w1", "session.id", "not this"))) {
                    task.run();
                  }
                });
    try (Scope scope = ops.scope(Attributes.of("session.id", "s"))) {
      assistant(scoped).chat("x");
    }

    assertThat(tools())
        .hasSize(2)
        .allSatisfy(
            tool -> {
              assertThat(tool.attributes().text("session.id")).isEqualTo("s");
              assertThat(tool.attributes().text("worker")).isEqualTo("w1");
            });
    assertEachInItsAgent();
  }

  @Test
  void retrievers_onThreadsWithAScopeOfTheirOwn_belongToTheAgent() {
    Executor scoped =
        task ->
            pool.execute(
                () -> {
                  try (Scope scope = ops.scope(Attributes.of("worker", "w1"))) {
                    task.run();
                  }
                });
    ContentRetriever nothing = query -> List.of();
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(FakeChatModel.saying("hi"))
            .retrievalAugmentor(
                DefaultRetrievalAugmentor.builder()
                    .queryRouter(
                        new DefaultQueryRouter(
                            ops.wrapRetriever(nothing, "one"), ops.wrapRetriever(nothing, "two")))
                    .executor(scoped)
                    .build())
            .build();

    assistant.chat("x");

    AgentCall run = (AgentCall) seen.begun().get(0);
    assertThat(seen.begun())
        .filteredOn(RetrievalCall.class::isInstance)
        .hasSize(3)
        .allSatisfy(
            call -> {
              assertThat(call.agent()).isSameAs(run);
              assertThat(((RetrievalCall) call).invocation()).isNotNull();
            });
  }

  private void assertEachInItsAgent() {
    assertThat(tools())
        .allSatisfy(
            tool -> {
              AgentCall agent = tool.agent();
              assertThat(agent).isNotNull();
              assertThat(tool.attributes().text("session.id"))
                  .isEqualTo(agent.attributes().text("session.id"));
              assertThat(tool.attributes().text("release")).isEqualTo("7");
            });
  }

  private List<ToolCall> tools() {
    return seen.begun().stream()
        .filter(ToolCall.class::isInstance)
        .map(ToolCall.class::cast)
        .toList();
  }

  private Assistant assistant(Executor executor) {
    return ops.aiServices(Assistant.class)
        .chatModel(FakeChatModel.answering(ForeignThreadsTest::answer))
        .tools(new Lookup())
        .executeToolsConcurrently(executor)
        .build();
  }

  private static ChatResponse answer(ChatRequest request) {
    return request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance)
        ? FakeChatModel.response("done")
        : TWO_TOOLS;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "caller");
    thread.setDaemon(true);
    return thread;
  }

  private static ToolExecutionRequest request(String id) {
    return ToolExecutionRequest.builder().id(id).name("lookup").arguments("{}").build();
  }
}
