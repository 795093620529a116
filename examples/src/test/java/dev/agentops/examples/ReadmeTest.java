package dev.agentops.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compiles every Java snippet of the documentation as a reader would paste it: one after the other
 * into one method, so that a snippet may use what an earlier one of the same file has declared.
 */
class ReadmeTest {

  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import dev.agentops.*;
      import dev.agentops.alerts.*;
      import dev.agentops.alerts.handler.*;
      import dev.agentops.cache.*;
      import dev.agentops.cache.jdbc.*;
      import dev.agentops.cache.micrometer.*;
      import dev.agentops.cache.redis.*;
      import dev.agentops.console.*;
      import dev.agentops.cost.*;
      import dev.agentops.cost.jdbc.*;
      import dev.agentops.cost.micrometer.*;
      import dev.agentops.cost.redis.*;
      import dev.agentops.event.*;
      import dev.agentops.guard.*;
      import dev.agentops.http.*;
      import dev.agentops.micrometer.*;
      import dev.agentops.ratelimit.*;
      import dev.agentops.ratelimit.redis.*;
      import dev.agentops.resilience.*;
      import dev.agentops.tracing.*;
      import dev.agentops.tracing.agentic.*;
      import dev.agentops.tracing.export.*;
      import dev.agentops.tracing.http.*;
      import dev.agentops.tracing.jdbc.*;
      import dev.agentops.tracing.mcp.*;
      import dev.agentops.tracing.otel.*;
      import dev.agentops.tracing.replay.*;
      import dev.langchain4j.agent.tool.ToolSpecifications;
      import dev.langchain4j.agentic.*;
      import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
      import dev.langchain4j.mcp.client.*;
      import dev.langchain4j.mcp.client.transport.http.StreamableHttpMcpTransport;
      import dev.langchain4j.model.chat.*;
      import dev.langchain4j.model.chat.response.ChatResponse;
      import dev.langchain4j.model.embedding.EmbeddingModel;
      import dev.langchain4j.model.chat.request.ChatRequest;
      import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
      import dev.langchain4j.model.openai.OpenAiChatModel;
      import dev.langchain4j.rag.*;
      import dev.langchain4j.rag.content.retriever.ContentRetriever;
      import dev.langchain4j.service.AiServices;
      import dev.langchain4j.service.tool.ToolProvider;
      import io.micrometer.core.instrument.MeterRegistry;
      import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
      import java.nio.file.Path;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.regex.Pattern;
      """;

  /** What the text speaks of as the reader's own. */
  private static final String OWN =
      """
      interface Assistant { String chat(String message); }
      interface Writer { String write(String subject); }
      static class YourTools {}
      static class Orders {}
      static void callTheModel() {}
      """;

  private static final String PARAMETERS =
      "ChatModel yourModel, ChatModel otherModel, ToolProvider yourTools, MeterRegistry registry,"
          + " ExecutorService executor, String question, String basicAuth, byte[] keyOf32Bytes,"
          + " UntypedAgent editor, ContentRetriever yourRetriever, javax.sql.DataSource dataSource,"
          + " EmbeddingModel yourEmbeddingModel, String baseUrl, ChatRequest yourRequest,"
          + " StreamingChatResponseHandler handler, StreamingChatModel streaming,"
          + " Map<String, List<String>> headers";

  static Stream<Path> documents() throws IOException {
    Path root = Path.of("..");
    List<Path> documents =
        new ArrayList<>(List.of(root.resolve("README.md"), root.resolve("CONTRIBUTING.md")));
    Path docs = root.resolve("docs");
    if (Files.isDirectory(docs)) {
      try (Stream<Path> files = Files.walk(docs)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    return documents.stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void snippets_ofADocument_compile(Path document, @TempDir Path classes) throws IOException {
    List<String> snippets = snippets(Files.readString(document));

    assertThat(compile(snippets, classes)).isEmpty();
  }

  @Test
  void snippets_ofTheReadme_areFound() throws IOException {
    assertThat(snippets(Files.readString(Path.of("../README.md")))).hasSizeGreaterThan(5);
  }

  @Test
  void compile_wrongSnippet_isReported(@TempDir Path classes) {
    assertThat(compile(List.of("Tracer tracer = Tracer.noSuchMethod();"), classes))
        .contains("noSuchMethod");
  }

  private static List<String> snippets(String text) {
    List<String> snippets = new ArrayList<>();
    for (Matcher matcher = SNIPPET.matcher(text); matcher.find(); ) {
      snippets.add(matcher.group(1));
    }
    return snippets;
  }

  /** The compiler's errors; empty when there are none. */
  private static String compile(List<String> snippets, Path classes) {
    StringBuilder source = new StringBuilder(IMPORTS).append("class Snippets {\n").append(OWN);
    source.append("void all(").append(PARAMETERS).append(") throws Exception {\n");
    snippets.forEach(source::append);
    source.append("}}\n");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none",
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    compiler
        .getTask(errors, null, null, options, null, List.of(new Source(source.toString())))
        .call();
    return errors
        .toString()
        .lines()
        .filter(line -> !line.startsWith("Note:"))
        .reduce("", (a, b) -> a + b + "\n");
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String text;

    Source(String text) {
      super(URI.create("string:///Snippets.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
