package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.agentops.CallRejectedException;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorKindTest {

  @ParameterizedTest
  @MethodSource("errors")
  void of_error_isItsKind(Throwable error, ErrorKind kind) {
    assertThat(ErrorKind.of(error)).isEqualTo(kind);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        arguments(new RateLimitException("slow down"), ErrorKind.RATE_LIMITED),
        arguments(new HttpException(429, "slow down"), ErrorKind.RATE_LIMITED),
        arguments(new TimeoutException("late"), ErrorKind.TIMEOUT),
        arguments(new RuntimeException(new HttpTimeoutException("late")), ErrorKind.TIMEOUT),
        arguments(new HttpException(408, "late"), ErrorKind.TIMEOUT),
        arguments(
            new InternalServerException(new HttpException(529, "busy")), ErrorKind.OVERLOADED),
        arguments(new InternalServerException("broken"), ErrorKind.SERVER_ERROR),
        arguments(new RuntimeException(new ConnectException("refused")), ErrorKind.CONNECTION),
        arguments(new RuntimeException(new IOException("reset")), ErrorKind.CONNECTION),
        arguments(new AuthenticationException("who?"), ErrorKind.AUTHENTICATION),
        arguments(new ModelNotFoundException("which?"), ErrorKind.MODEL_NOT_FOUND),
        arguments(new InvalidRequestException("what?"), ErrorKind.BAD_REQUEST),
        arguments(
            new InvalidRequestException("This model's maximum context length is 8192 tokens"),
            ErrorKind.CONTEXT_TOO_LONG),
        arguments(
            new InvalidRequestException(new HttpException(400, "prompt is too long: 1 > 0")),
            ErrorKind.CONTEXT_TOO_LONG),
        arguments(new InvalidRequestException("code: content_filter"), ErrorKind.CONTENT_FILTERED),
        arguments(
            new InvalidRequestException(
                "bad", new HttpException(400, "context_length_exceeded: 9 > 8")),
            ErrorKind.CONTEXT_TOO_LONG),
        arguments(new HttpException(402, "pay"), ErrorKind.AUTHENTICATION),
        arguments(
            new RateLimitException(new HttpException(429, "{\"code\":\"insufficient_quota\"}")),
            ErrorKind.AUTHENTICATION),
        arguments(
            new RateLimitException("You exceeded your current quota, retryDelay: 12s"),
            ErrorKind.RATE_LIMITED),
        arguments(new ContentFilteredException("no"), ErrorKind.CONTENT_FILTERED),
        arguments(new CallRejectedException("no"), ErrorKind.REFUSED),
        arguments(new RuntimeException(new InterruptedException()), ErrorKind.INTERRUPTED),
        arguments(new IllegalStateException("a bug"), ErrorKind.UNKNOWN));
  }

  @Test
  void of_causesInACircle_ends() {
    RuntimeException first = new RuntimeException();
    first.initCause(new RuntimeException(first));

    assertThat(ErrorKind.of(first)).isEqualTo(ErrorKind.UNKNOWN);
  }
}
