package dev.agentops.tracing.http;

import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;

/** Tells how the request of a stream went, before the caller hears of it and ends the span. */
final class TracingListener implements ServerSentEventListener {

  private final Attempt attempt;
  private final ServerSentEventListener delegate;

  TracingListener(Attempt attempt, ServerSentEventListener delegate) {
    this.attempt = attempt;
    this.delegate = delegate;
  }

  @Override
  public void onOpen(SuccessfulHttpResponse response) {
    attempt.answered(response.statusCode());
    delegate.onOpen(response);
  }

  @Override
  public void onEvent(ServerSentEvent event) {
    delegate.onEvent(event);
  }

  @Override
  public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
    delegate.onEvent(event, context);
  }

  @Override
  public void onError(Throwable failure) {
    attempt.failed(failure);
    delegate.onError(failure);
  }

  @Override
  public void onClose() {
    delegate.onClose();
  }
}
