package dev.agentops.http;

import dev.agentops.ProviderExchange;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way, from its start to the end of the answer's body. Thread-safe.
 *
 * @param <T> of the body
 */
final class Attempt<T> {

  private final ProviderExchange exchange;
  private final CompletableFuture<HttpResponse<T>> response = new CompletableFuture<>();
  private volatile @Nullable CompletableFuture<HttpResponse<T>> underWay;
  private volatile @Nullable BreakableBody<T> body;
  private volatile ProviderExchange.@Nullable Registration registration;
  private volatile boolean brokenOff;
  private volatile boolean over;

  Attempt(ProviderExchange exchange) {
    this.exchange = exchange;
  }

  /**
   * Sends the request, unless the exchange has been broken off already.
   *
   * @param send gets a handler to send it with
   */
  CompletableFuture<HttpResponse<T>> start(
      BodyHandler<T> handler, Function<BodyHandler<T>, CompletableFuture<HttpResponse<T>>> send) {
    registration = exchange.breakOffWith(this::breakOff);
    if (!brokenOff) {
      CompletableFuture<HttpResponse<T>> sent;
      try {
        sent = send.apply(info -> answered(info, handler));
      } catch (Throwable t) { // nothing is under way
        end();
        throw t;
      }
      underWay = sent;
      sent.whenComplete(this::completed);
      response.whenComplete(this::cancelled);
      if (brokenOff) { // meanwhile, and saw nothing to cancel
        sent.cancel(true);
      }
    }
    if (over) { // ended before it was registered
      end();
    }
    return response;
  }

  /** Ends it for the caller of the client, whose own doing that is. */
  void cancel() {
    CompletableFuture<HttpResponse<T>> sent = underWay;
    if (sent != null) {
      sent.cancel(true);
    }
  }

  private void breakOff() {
    brokenOff = true;
    cancel();
    BreakableBody<T> arriving = body;
    if (arriving != null) {
      arriving.breakOff();
    }
    response.completeExceptionally(new BrokenOffException());
  }

  private BodySubscriber<T> answered(ResponseInfo info, BodyHandler<T> handler) {
    exchange.answered(info.statusCode(), info.headers().map());
    BreakableBody<T> arriving = new BreakableBody<>(handler.apply(info), this::end);
    body = arriving;
    if (brokenOff) {
      arriving.breakOff();
    }
    return arriving;
  }

  /** By the caller, as the client's own future could have been. */
  private void cancelled(@Nullable HttpResponse<T> answer, @Nullable Throwable failure) {
    if (response.isCancelled()) {
      cancel();
    }
  }

  private void completed(@Nullable HttpResponse<T> answer, @Nullable Throwable failure) {
    if (failure == null) {
      response.complete(answer);
    } else {
      end();
      response.completeExceptionally(brokenOff ? new BrokenOffException() : failure);
    }
  }

  private void end() {
    over = true;
    ProviderExchange.Registration registered = registration;
    if (registered != null) {
      registered.close();
    }
  }
}
