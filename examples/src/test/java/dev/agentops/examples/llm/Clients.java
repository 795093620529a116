package dev.agentops.examples.llm;

import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The clients the tests talk to a {@link LocalLlm} with: LangChain4j's own, and plain HTTP. */
final class Clients {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Clients() {}

  static OpenAiChatModel.OpenAiChatModelBuilder chat(LocalLlm llm) {
    return OpenAiChatModel.builder()
        .baseUrl(llm.baseUrl().toString())
        .modelName("gpt-4o-mini")
        .maxRetries(0);
  }

  static OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streaming(LocalLlm llm) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(llm.baseUrl().toString())
        .modelName("gpt-4o-mini");
  }

  static HttpResponse<String> post(LocalLlm llm, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(llm.baseUrl() + path))
            .POST(BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  static HttpResponse<String> get(LocalLlm llm, String path) {
    return send(HttpRequest.newBuilder(URI.create(llm.baseUrl() + path)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
