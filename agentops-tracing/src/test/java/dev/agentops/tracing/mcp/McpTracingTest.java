package dev.agentops.tracing.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.ContentCapture;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.SpanKind;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.SpanTree;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.agentops.tracing.replay.Replay;
import dev.agentops.tracing.replay.TraceAssertions;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.mcp.McpToolProvider;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.McpTextContent;
import dev.langchain4j.mcp.client.McpTextResourceContents;
import dev.langchain4j.mcp.client.transport.McpTransport;
import dev.langchain4j.mcp.client.transport.http.StreamableHttpMcpTransport;
import dev.langchain4j.mcp.client.transport.stdio.StdioMcpTransport;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real client of LangChain4j against a server over HTTP, and one in a process of its own. */
class McpTracingTest {

  private final Tracer tracer = Tracer.create();
  private final McpTracing tracing = McpTracing.of(tracer);
  private HttpMcpServer server;

  interface Assistant {
    String chat(String message);
  }

  @BeforeEach
  void start() throws Exception {
    server = new HttpMcpServer();
  }

  @AfterEach
  void nothingIsLeftOpen() {
    server.close();
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @Test
  void toolCall_isAClientSpanThatTheServerIsTold() throws Exception {
    try (McpClient client = client()) {
      String told;
      try (TraceContext turn = tracer.startTrace("support", "turn")) {
        told = client.executeTool(call("echo", "{\"city\":\"Rome\"}")).resultText();
      }

      Span span = span("tools/call echo");
      assertThat(span.kind()).isEqualTo(SpanKind.CLIENT);
      assertThat(span.action()).isEqualTo("tools/call");
      assertThat(span.agentName()).isEqualTo("support");
      assertThat(span.status()).isEqualTo(SpanStatus.OK);
      assertThat(span.parentSpanId()).isEqualTo(span("turn support").spanId());
      assertThat(span.attribute(McpAttributes.METHOD_NAME)).isEqualTo("tools/call");
      assertThat(span.attribute(McpAttributes.REQUEST_ID)).isEqualTo("1");
      assertThat(span.attribute(GenAiAttributes.TOOL_NAME)).isEqualTo("echo");
      assertThat(span.input()).isEqualTo("{\"city\":\"Rome\"}");
      assertThat(span.output()).isEqualTo(told);
      String parent = "00-" + span.traceId() + '-' + span.spanId() + "-01";
      assertThat(told).isEqualTo(parent);
      assertThat(server.seen("tools/call"))
          .containsExactly(new HttpMcpServer.Seen("tools/call", parent, parent));
    }
  }

  @Test
  void initialize_isASpan() throws Exception {
    try (McpClient client = client()) {
      assertThat(client.key()).isNotBlank();
    }

    Span span = span("initialize");
    assertThat(server.seen("initialize"))
        .extracting(HttpMcpServer.Seen::meta)
        .containsExactly("00-" + span.traceId() + '-' + span.spanId() + "-01");
  }

  @Test
  void resultThatIsAnError_isMarked() throws Exception {
    try (McpClient client = client()) {
      assertThatThrownBy(() -> client.executeTool(call("broken", "{}")))
          .hasMessageContaining("no such city");
    }

    Span span = span("tools/call broken");
    assertThat(span.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span.attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo("tool_error");
    assertThat(span.error()).doesNotContain("city");
  }

  @Test
  void jsonRpcErrors_areTheErrorType() throws Exception {
    try (McpClient client = client()) {
      assertThatThrownBy(() -> client.executeTool(call("internal", "{}")));
      assertThatThrownBy(() -> client.executeTool(call("invalid", "{}")));
    }

    assertThat(span("tools/call internal").attribute(GenAiAttributes.ERROR_TYPE))
        .isEqualTo("-32603");
    Span invalid = span("tools/call invalid"); // of which the client tells no listener
    assertThat(invalid.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(invalid.attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo("-32602");
    assertThat(invalid.attribute(McpAttributes.RESPONSE_STATUS_CODE)).isEqualTo("-32602");
  }

  @Test
  void silentServer_timesOut() throws Exception {
    try (McpClient client =
        tracing.build(
            DefaultMcpClient.builder()
                .transport(transport())
                .toolExecutionTimeout(Duration.ofMillis(50)))) {
      assertThat(client.executeTool(call("silent", "{}")).resultText()).contains("timeout");
    }

    Span span = span("tools/call silent");
    assertThat(span.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span.attribute(GenAiAttributes.ERROR_TYPE))
        .isEqualTo("java.util.concurrent.TimeoutException");
  }

  @Test
  void interruptedCall_endsItsSpan() throws Exception {
    try (McpClient client = client()) {
      Thread caller = new Thread(() -> client.executeTool(call("silent", "{}")));
      caller.setUncaughtExceptionHandler((thread, expected) -> {});
      caller.start();
      Awaitility.await().until(() -> server.seen("tools/call").size() == 1);

      caller.interrupt();
      caller.join();

      Span span = span("tools/call silent");
      assertThat(span.status()).isEqualTo(SpanStatus.ERROR);
      assertThat(span.attribute(GenAiAttributes.ERROR_TYPE))
          .isEqualTo("java.lang.InterruptedException");
    }
  }

  @Test
  void listsAndReads_areSpans_andPagesAreToldTheirList() throws Exception {
    try (McpClient client = client()) {
      assertThat(client.listTools()).hasSize(2);
      client.listResources();
      client.listResourceTemplates();
      client.listPrompts();
      String read =
          ((McpTextResourceContents) client.readResource("file:///a").contents().get(0)).text();
      String prompt =
          ((McpTextContent) client.getPrompt("greet", Map.of("a", 1)).messages().get(0).content())
              .text();

      assertThat(read).contains(span("resources/read").spanId());
      assertThat(prompt).contains(span("prompts/get greet").spanId());
      assertThat(span("resources/read").input()).isEqualTo("file:///a");
      assertThat(span("prompts/get greet").attribute(GenAiAttributes.PROMPT_NAME))
          .isEqualTo("greet");
      String list = span("tools/list").spanId();
      assertThat(server.seen("tools/list"))
          .hasSize(2)
          .allSatisfy(page -> assertThat(page.meta()).contains(list));
      assertThat(span("resources/list").status()).isEqualTo(SpanStatus.OK);
      assertThat(span("resources/templates/list").status()).isEqualTo(SpanStatus.OK);
      assertThat(span("prompts/list").status()).isEqualTo(SpanStatus.OK);

      client.listTools(); // at hand
      assertThat(tracer.spans()).hasSize(7);
    }
  }

  @Test
  void progressToken_isKept() throws Exception {
    try (McpClient client =
        tracing.build(
            DefaultMcpClient.builder().transport(transport()).progressHandler(progress -> {}))) {
      assertThat(client.executeTool(call("progress", "{}")).resultText()).isEqualTo("1");
    }
  }

  @Test
  void toolOfAnAiService_nestsInItsExecution() throws Exception {
    AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
    try (McpClient client = client()) {
      Assistant assistant =
          AiServices.builder(Assistant.class)
              .chatModel(
                  ops.wrap(
                      FakeChatModel.answering(
                          request ->
                              request.messages().stream()
                                      .anyMatch(ToolExecutionResultMessage.class::isInstance)
                                  ? FakeChatModel.response("done")
                                  : FakeChatModel.response(
                                      AiMessage.from(call("echo", "{}")), null))))
              .toolProvider(ops.wrap(McpToolProvider.builder().mcpClients(client).build()))
              .build();
      client.listTools();
      try (TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
        assistant.chat("go");
      }
    }

    assertThat(SpanTree.of(tracer.spans()))
        .endsWith(
            """
            invoke_agent support
              chat fake-model
              execute_tool echo
                tools/call echo
              chat fake-model
            """);
  }

  @Test
  void toolOfAnAiService_countsOnceAndIsReplayed() throws Exception {
    AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
    FakeChatModel model =
        FakeChatModel.answering(
            request ->
                request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance)
                    ? FakeChatModel.response("done")
                    : FakeChatModel.response(
                        AiMessage.from(call("echo", "{\"city\": \"Rome\"}")), null));
    Replay replay;
    try (McpClient client = client()) {
      ToolProvider tools = McpToolProvider.builder().mcpClients(client).build();
      try (TraceContext turn = tracer.startTrace("turn", "support", "invoke_agent")) {
        AiServices.builder(Assistant.class)
            .chatModel(ops.wrap(model))
            .toolProvider(ops.wrap(tools))
            .build()
            .chat("go");
      }
      Trace trace = tracer.findTrace("turn").orElseThrow();
      TraceAssertions.assertThat(trace).calledTools("echo");
      replay = Replay.of(trace);
      Assistant replayed =
          AiServices.builder(Assistant.class)
              .chatModel(replay.chatModel())
              .toolProvider(replay.tools(tools))
              .build();

      assertThat(replayed.chat("go")).isEqualTo("done");
    }
    replay.verifyFinished();
    assertThat(server.seen("tools/call")).hasSize(1);
  }

  @Test
  void bareToolCall_isReplayed() throws Exception {
    String told;
    try (McpClient client = client();
        TraceContext turn = tracer.startTrace("turn", "support", "turn")) {
      told = client.executeTool(call("echo", "{\"city\":\"Rome\"}")).resultText();
    }

    Trace trace = tracer.findTrace("turn").orElseThrow();
    TraceAssertions.assertThat(trace).calledTools("echo");
    Replay replay = Replay.of(trace);
    assertThat(replay.toolExecutor("echo").execute(call("echo", "{\"city\": \"Rome\"}"), null))
        .isEqualTo(told);
    replay.verifyFinished();
  }

  @Test
  void withoutContent_neitherArgumentsNorUrisAreKept() throws Exception {
    try (Tracer quiet = Tracer.builder().contentCapture(ContentCapture.METADATA).build()) {
      try (McpClient client =
          McpTracing.of(quiet).build(DefaultMcpClient.builder().transport(transport()))) {
        client.readResource("file:///home/SECRET");
        client.executeTool(call("echo", "{\"city\":\"SECRET\"}"));
        client.getPrompt("greet", Map.of("a", "SECRET"));
      }

      assertThat(quiet.spans()).hasSize(4);
      assertThat(quiet.spans())
          .allSatisfy(span -> assertThat(SpanJson.write(span)).doesNotContain("SECRET"));
    }
  }

  @Test
  void manyCallsAtOnce_eachIsToldItsOwnSpan() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try (McpClient client = client()) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        calls.add(() -> client.executeTool(call("echo", "{}")).resultText());
      }
      Set<String> told = new HashSet<>();
      for (Future<String> call : callers.invokeAll(calls)) {
        told.add(call.get());
      }
      Set<String> spans = new HashSet<>();
      tracer.spans().stream()
          .filter(span -> span.name().equals("tools/call echo"))
          .forEach(span -> spans.add("00-" + span.traceId() + '-' + span.spanId() + "-01"));
      assertThat(told).hasSize(100).isEqualTo(spans);
    } finally {
      callers.shutdown();
    }
  }

  @Test
  void listenerAlone_recordsWhatItIsTold() throws Exception {
    try (McpClient client =
        DefaultMcpClient.builder().transport(transport()).addListener(tracing).build()) {
      assertThat(client.executeTool(call("echo", "{}")).resultText()).isEqualTo("none");
    }

    assertThat(span("tools/call echo").status()).isEqualTo(SpanStatus.OK);
    assertThat(server.seen("tools/call").get(0).header())
        .contains(span("tools/call echo").spanId());
  }

  @Test
  void serverInAnotherProcess_isToldTheSpan() throws Exception {
    McpTransport stdio =
        StdioMcpTransport.builder()
            .command(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    StdioMcpServer.class.getName()))
            .build();
    try (McpClient client = tracing.build(DefaultMcpClient.builder().transport(stdio))) {
      String told = client.executeTool(call("echo", "{}")).resultText();

      Span span = span("tools/call echo");
      assertThat(told).isEqualTo("00-" + span.traceId() + '-' + span.spanId() + "-01");
    }
  }

  private McpClient client() {
    return tracing.build(DefaultMcpClient.builder().transport(transport()));
  }

  private McpTransport transport() {
    return StreamableHttpMcpTransport.builder()
        .url(server.url())
        .customHeaders(tracing.headers())
        .build();
  }

  private Span span(String name) {
    List<Span> named = tracer.spans().stream().filter(span -> span.name().equals(name)).toList();
    assertThat(named).as(name).hasSize(1);
    return named.get(0);
  }

  private static ToolExecutionRequest call(String tool, String arguments) {
    return ToolExecutionRequest.builder().id("c").name(tool).arguments(arguments).build();
  }
}
