package dev.agentops.http;

import dev.agentops.ProviderExchange;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** A client of the JDK, each request of which belongs to the exchange that is current. */
final class BreakableHttpClient extends HttpClient implements AutoCloseable {

  private final HttpClient delegate;

  BreakableHttpClient(HttpClient delegate) {
    this.delegate = delegate;
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    ProviderExchange exchange = ProviderExchange.current();
    if (exchange == null) {
      return delegate.send(request, handler);
    }
    // the client's own send() leaves no way to end it but to interrupt the thread
    Attempt<T> attempt = new Attempt<>(exchange);
    CompletableFuture<HttpResponse<T>> response =
        attempt.start(handler, mine -> delegate.sendAsync(request, mine));
    try {
      return response.get();
    } catch (InterruptedException e) {
      attempt.cancel();
      throw e;
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return sendAsync(handler, mine -> delegate.sendAsync(request, mine));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> pushPromiseHandler) {
    return sendAsync(handler, mine -> delegate.sendAsync(request, mine, pushPromiseHandler));
  }

  private static <T> CompletableFuture<HttpResponse<T>> sendAsync(
      BodyHandler<T> handler, Function<BodyHandler<T>, CompletableFuture<HttpResponse<T>>> send) {
    ProviderExchange exchange = ProviderExchange.current();
    return exchange == null ? send.apply(handler) : new Attempt<T>(exchange).start(handler, send);
  }

  private static IOException thrown(@Nullable Throwable cause) {
    if (cause instanceof IOException failure) {
      return failure;
    } else if (cause instanceof RuntimeException failure) {
      throw failure;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return new IOException(cause);
  }

  /** From JDK 21 on a client has something to close. */
  @Override
  public void close() {
    if (delegate instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) { // which HttpClient does not throw
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return delegate.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return delegate.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return delegate.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return delegate.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return delegate.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return delegate.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return delegate.authenticator();
  }

  @Override
  public Version version() {
    return delegate.version();
  }

  @Override
  public Optional<Executor> executor() {
    return delegate.executor();
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return delegate.newWebSocketBuilder();
  }
}
