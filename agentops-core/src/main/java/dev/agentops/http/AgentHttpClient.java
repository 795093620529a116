package dev.agentops.http;

import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import java.net.http.HttpClient;
import java.util.Objects;

/**
 * LangChain4j's HTTP client of the JDK, which also keeps what it drops: the status and headers of
 * each answer, that of a failed request, too, are told to the call's {@link
 * dev.agentops.ProviderExchange}, and the call can be broken off there at any time: before the
 * answer begins, before the first token of a stream, and between two.
 *
 * <pre>{@code
 * OpenAiChatModel.builder().httpClientBuilder(AgentHttpClient.builder())
 * }</pre>
 *
 * <p>For every model that takes an {@code httpClientBuilder}. What is thrown for a failed request
 * stays what it was. A call that is broken off is not repeated by LangChain4j. A request outside of
 * a wrapped model's call goes through untouched. To decorate it, hand this builder to the
 * decorator, such as {@code TracingHttpClient.of(tracer, AgentHttpClient.builder())}.
 *
 * <p>Needs {@code dev.langchain4j:langchain4j-http-client-jdk}, which LangChain4j's own models come
 * with.
 */
public final class AgentHttpClient {

  private static final String NEEDED =
      "AgentHttpClient needs dev.langchain4j:langchain4j-http-client-jdk on the class path";

  private AgentHttpClient() {}

  /**
   * A new builder.
   *
   * @throws IllegalStateException if {@code langchain4j-http-client-jdk} is missing
   */
  public static HttpClientBuilder builder() {
    return builder(HttpClient.newBuilder());
  }

  /**
   * A new builder of clients with the executor, proxy, certificates and whatever else is set there.
   *
   * @param client is built once for each model; a connect timeout of the model is set on it
   * @throws IllegalStateException if {@code langchain4j-http-client-jdk} is missing
   */
  public static HttpClientBuilder builder(HttpClient.Builder client) {
    Objects.requireNonNull(client, "client");
    try {
      return new JdkHttpClientBuilder().httpClientBuilder(new BreakableClientBuilder(client));
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(NEEDED, e);
    }
  }
}
