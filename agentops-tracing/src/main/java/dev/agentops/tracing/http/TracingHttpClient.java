package dev.agentops.tracing.http;

import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An HTTP client that tells the span of a model call of each attempt: LangChain4j repeats a failed
 * request inside of one call, which otherwise only takes longer.
 *
 * <pre>{@code
 * OpenAiChatModel.builder()
 *     .httpClientBuilder(TracingHttpClient.of(tracer, new JdkHttpClientBuilder()))
 * }</pre>
 *
 * <p>Each attempt is an event {@value Attempt#EVENT} on the current span, with {@value
 * Attempt#NUMBER}, counted from 1, {@value Attempt#DURATION} in seconds, to the headers of the
 * response where that is a stream, and {@value Attempt#STATUS} or {@code error.type}. The span also
 * gets {@code server.address} and {@code server.port}. Without a current span nothing is told.
 * Thread-safe.
 */
public final class TracingHttpClient implements HttpClient {

  private final Tracer tracer;
  private final Attempts attempts;
  private final HttpClient delegate;
  private final boolean propagates;

  private TracingHttpClient(Builder from) {
    this.tracer = from.tracer;
    this.attempts = new Attempts(from.tracer);
    this.delegate = from.delegate.build();
    this.propagates = from.propagates;
  }

  /** The builder, the clients of which tell this tracer of their requests. */
  public static HttpClientBuilder of(Tracer tracer, HttpClientBuilder builder) {
    return new Builder(tracer, builder, false);
  }

  /**
   * As {@link #of}, and each request says in the header {@code traceparent} which span it belongs
   * to, unless it has that header already: for a gateway or a model server of yours that traces,
   * too. The ids are all that leaves the process.
   */
  public static HttpClientBuilder propagating(Tracer tracer, HttpClientBuilder builder) {
    return new Builder(tracer, builder, true);
  }

  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    Attempt attempt = attempts.begin(request);
    try {
      SuccessfulHttpResponse response = delegate.execute(toSend(request));
      attempt.answered(response.statusCode());
      return response;
    } catch (Throwable t) {
      attempt.failed(t);
      throw t;
    }
  }

  @Override
  public void execute(
      HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
    Attempt attempt = attempts.begin(request);
    try {
      delegate.execute(toSend(request), parser, new TracingListener(attempt, listener));
    } catch (Throwable t) {
      attempt.failed(t);
      throw t;
    }
  }

  private HttpRequest toSend(HttpRequest request) {
    Map<String, String> headers =
        propagates ? tracer.currentSpan().map(TraceContext::headers).orElse(Map.of()) : Map.of();
    // LangChain4j's headers disregard case
    if (headers.isEmpty() || headers.keySet().stream().anyMatch(request.headers()::containsKey)) {
      return request;
    }
    return HttpRequest.builder()
        .method(request.method())
        .url(request.url())
        .headers(new HashMap<>(request.headers()))
        .addHeaders(headers)
        .formDataFields(request.formDataFields())
        .formDataFiles(request.formDataFiles())
        .body(request.body())
        .build();
  }

  private static final class Builder implements HttpClientBuilder {

    private final Tracer tracer;
    private final HttpClientBuilder delegate;
    private final boolean propagates;

    Builder(Tracer tracer, HttpClientBuilder delegate, boolean propagates) {
      this.tracer = Objects.requireNonNull(tracer, "tracer");
      this.delegate = Objects.requireNonNull(delegate, "builder");
      this.propagates = propagates;
    }

    @Override
    public Duration connectTimeout() {
      return delegate.connectTimeout();
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
      delegate.connectTimeout(timeout);
      return this;
    }

    @Override
    public Duration readTimeout() {
      return delegate.readTimeout();
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
      delegate.readTimeout(timeout);
      return this;
    }

    @Override
    public HttpClient build() {
      return new TracingHttpClient(this);
    }
  }
}
