package dev.agentops.tracing.http;

import dev.agentops.tracing.Tracer;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.time.Duration;
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

  private final Attempts attempts;
  private final HttpClient delegate;

  private TracingHttpClient(Attempts attempts, HttpClient delegate) {
    this.attempts = attempts;
    this.delegate = delegate;
  }

  /** The builder, the clients of which tell this tracer of their requests. */
  public static HttpClientBuilder of(Tracer tracer, HttpClientBuilder builder) {
    return new Builder(
        Objects.requireNonNull(tracer, "tracer"), Objects.requireNonNull(builder, "builder"));
  }

  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    Attempt attempt = attempts.begin(request);
    try {
      SuccessfulHttpResponse response = delegate.execute(request);
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
      delegate.execute(request, parser, new TracingListener(attempt, listener));
    } catch (Throwable t) {
      attempt.failed(t);
      throw t;
    }
  }

  private static final class Builder implements HttpClientBuilder {

    private final Tracer tracer;
    private final HttpClientBuilder delegate;

    Builder(Tracer tracer, HttpClientBuilder delegate) {
      this.tracer = tracer;
      this.delegate = delegate;
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
      return new TracingHttpClient(new Attempts(tracer), delegate.build());
    }
  }
}
