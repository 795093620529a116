package dev.agentops.tracing.http;

import dev.agentops.Attributes;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.TraceContext;
import dev.langchain4j.exception.HttpException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One HTTP request for a span; told of once. Thread-safe. */
final class Attempt {

  static final String EVENT = "agentops.attempt";
  static final String NUMBER = "agentops.attempt.number";
  static final String DURATION = "agentops.attempt.duration";
  static final String STATUS = "http.response.status_code";

  private static final double NANOS_PER_SECOND = 1e9;

  private final @Nullable TraceContext span;
  private final int number;
  private final long startNanos = System.nanoTime();
  private final AtomicBoolean told = new AtomicBoolean();

  Attempt(@Nullable TraceContext span, int number) {
    this.span = span;
    this.number = number;
  }

  void answered(int status) {
    tell(STATUS, status);
  }

  void failed(Throwable failure) {
    if (failure instanceof HttpException http) {
      tell(STATUS, http.statusCode());
    } else {
      tell(GenAiAttributes.ERROR_TYPE, failure.getClass().getName());
    }
  }

  private void tell(String name, Object value) {
    if (span == null || !told.compareAndSet(false, true)) {
      return;
    }
    double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    span.event(EVENT, Attributes.of(NUMBER, number, DURATION, seconds, name, value));
  }
}
