package dev.agentops.tracing.agentic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.SpanTree;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a system streams is a part of its tree. */
@Timeout(30)
class AgenticStreamsTest {

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
  private final AgenticTracing tracing = AgenticTracing.of(tracer);

  /** Writes word by word. */
  public interface Writer {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    TokenStream write(@V("topic") String topic);
  }

  /** Has a writer write. */
  public interface Team {
    @Agent
    TokenStream work(@V("topic") String topic);
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stream_startedOnAnotherThread_isInTheTree(boolean inWorkflow) throws Exception {
    TokenStream stream = stream(inWorkflow, FakeStreamingChatModel.saying("hi"));
    CompletableFuture<String> answer = new CompletableFuture<>();
    List<Context> contexts = new CopyOnWriteArrayList<>();
    Thread starter =
        new Thread(
            stream
                    .onPartialResponse(partial -> {})
                    .onError(answer::completeExceptionally)
                    .onCompleteResponse(
                        response -> {
                          contexts.add(Context.current());
                          answer.complete(response.aiMessage().text());
                        })
                ::start);

    assertThat(tracer.openSpans()).hasSize(1);
    starter.start();

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("hi");
    starter.join();
    assertThat(contexts).containsExactly(Context.root());
    assertThat(tree(inWorkflow)).isTrue();
    assertThat(root().output()).isEqualTo("hi");
    assertThat(root().status()).isEqualTo(SpanStatus.OK);
  }

  @Test
  void stream_withoutHandlersOfItsEnd_endsTheSpan() {
    stream(true, FakeStreamingChatModel.saying("hi")).ignoreErrors().start();

    assertThat(tree(true)).isTrue();
    assertThat(root().status()).isEqualTo(SpanStatus.OK);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stream_thatBreaks_endsTheSpanWithItsError(boolean ignored) {
    TokenStream stream =
        stream(
            true,
            FakeStreamingChatModel.scripted(
                (request, handler) -> handler.onError(new IllegalStateException("broke"))));
    List<Throwable> errors = new CopyOnWriteArrayList<>();
    stream.onPartialResponse(partial -> {});

    (ignored ? stream.ignoreErrors() : stream.onError(errors::add)).start();

    assertThat(errors).hasSize(ignored ? 0 : 1);
    assertThat(tree(true)).isTrue();
    assertThat(root().status()).isEqualTo(SpanStatus.ERROR);
    assertThat(root().error()).contains("broke");
  }

  private TokenStream stream(boolean inWorkflow, FakeStreamingChatModel model) {
    Writer writer =
        AgenticServices.agentBuilder(Writer.class).streamingChatModel(ops.wrap(model)).build();
    return inWorkflow
        ? tracing
            .wrap(
                AgenticServices.sequenceBuilder(Team.class)
                    .subAgents(writer)
                    .outputKey("text")
                    .build())
            .work("cats")
        : tracing.wrap(writer).write("cats");
  }

  private boolean tree(boolean inWorkflow) {
    assertThat(SpanTree.of(tracer.spans()))
        .isEqualTo(
            inWorkflow
                ? """
                invoke_workflow work
                  invoke_agent write
                    chat fake-model
                """
                : """
                invoke_agent write
                  chat fake-model
                """);
    return true;
  }

  private Span root() {
    return tracer.spans().get(0);
  }
}
