package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import dev.agentops.DeadlineExceededException;
import dev.agentops.StreamTimeoutException;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** What kind of trouble an exception of a model tells of, whoever its provider is. */
public enum ErrorKind {

  /** Too many requests or tokens: HTTP 429. */
  RATE_LIMITED(true, true),

  /** No answer in time, by whatever clock: ours, the client's or the provider's (HTTP 408, 504). */
  TIMEOUT(true, true),

  /** The provider has more work than it can do: HTTP 503, 529. */
  OVERLOADED(true, true),

  /** The provider is broken: other HTTP 5xx. */
  SERVER_ERROR(true, true),

  /** No connection, or one that broke. */
  CONNECTION(true, true),

  /** The request is longer than the model can read. */
  CONTEXT_TOO_LONG(false, false),

  /** The provider does not answer such a thing. */
  CONTENT_FILTERED(false, false),

  /**
   * The key is wrong, or not good for this: HTTP 401, 403; or its account has nothing left to
   * spend: HTTP 402, or 429 with such a message.
   */
  AUTHENTICATION(false, true),

  /** There is no such model: HTTP 404. */
  MODEL_NOT_FOUND(false, true),

  /** The request makes no sense to the provider: other HTTP 4xx. */
  BAD_REQUEST(false, false),

  /** An interceptor refused the call: a limit, a budget, an open circuit. */
  REFUSED(false, false),

  /** The caller's thread was interrupted, or its work cancelled. */
  INTERRUPTED(false, false),

  /** Anything else, such as a bug. */
  UNKNOWN(false, false);

  private static final int DEEPEST_CAUSE = 16;

  /** As OpenAI, Anthropic, Gemini, Mistral and local servers word it. */
  private static final List<String> TOO_LONG =
      List.of(
          "context_length_exceeded",
          "maximum context length",
          "context window",
          "prompt is too long",
          "input is too long",
          "input token count",
          "exceeds the maximum number of tokens",
          "too many tokens in the prompt");

  /** OpenAI's code for an account that is out of money; Gemini's "quota" comes back by itself. */
  private static final List<String> SPENT = List.of("insufficient_quota");

  private static final List<String> FILTERED =
      List.of("content_filter", "content_policy_violation", "content management policy");

  private final boolean retryable;
  private final boolean failureOfModel;

  ErrorKind(boolean retryable, boolean failureOfModel) {
    this.retryable = retryable;
    this.failureOfModel = failureOfModel;
  }

  /** Whether the same request may succeed at the same model soon. */
  public boolean isRetryable() {
    return retryable;
  }

  /** Whether it speaks against the model and its provider, rather than against the request. */
  public boolean isFailureOfModel() {
    return failureOfModel;
  }

  /** The name in lower case, as events and meters have it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind of an exception, by its class and status and those of its causes. */
  public static ErrorKind of(Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      ErrorKind kind = ofOne(cause);
      if (kind != null) {
        return switch (kind) {
          case BAD_REQUEST -> ofRequest(error);
          case RATE_LIMITED -> tells(error, SPENT) ? AUTHENTICATION : RATE_LIMITED;
          default -> kind;
        };
      }
      cause = cause.getCause();
    }
    return UNKNOWN;
  }

  private static @Nullable ErrorKind ofOne(Throwable error) {
    if (error instanceof DeadlineExceededException) {
      return TIMEOUT;
    }
    if (error instanceof CallRejectedException) {
      return REFUSED;
    }
    if (error instanceof InterruptedException || error instanceof CancellationException) {
      return INTERRUPTED;
    }
    ErrorKind byLangChain = ofLangChain(error);
    return byLangChain != null ? byLangChain : ofNetwork(error);
  }

  private static @Nullable ErrorKind ofLangChain(Throwable error) {
    if (error instanceof HttpException http) {
      return ofStatus(http.statusCode());
    }
    if (error instanceof RateLimitException) {
      return RATE_LIMITED;
    }
    if (error instanceof TimeoutException) {
      return TIMEOUT;
    }
    if (error instanceof InternalServerException) {
      return error.getCause() instanceof HttpException http
          ? ofStatus(http.statusCode())
          : SERVER_ERROR;
    }
    if (error instanceof UnresolvedModelServerException) {
      return CONNECTION;
    }
    if (error instanceof AuthenticationException) {
      return AUTHENTICATION;
    }
    if (error instanceof ModelNotFoundException) {
      return MODEL_NOT_FOUND;
    }
    if (error instanceof ContentFilteredException) {
      return CONTENT_FILTERED;
    }
    return error instanceof InvalidRequestException ? BAD_REQUEST : null;
  }

  private static @Nullable ErrorKind ofNetwork(Throwable error) {
    if (error instanceof StreamTimeoutException
        || error instanceof CallTimeoutException
        || error instanceof HttpTimeoutException
        || error instanceof SocketTimeoutException
        || error instanceof java.util.concurrent.TimeoutException) {
      return TIMEOUT;
    }
    // of other IOExceptions the cause may tell more
    boolean network =
        error instanceof ConnectException
            || error instanceof UnknownHostException
            || error instanceof UnresolvedAddressException
            || (error instanceof IOException && error.getCause() == null);
    return network ? CONNECTION : null;
  }

  private static ErrorKind ofStatus(int status) {
    return switch (status) {
      case 401, 402, 403 -> AUTHENTICATION;
      case 404 -> MODEL_NOT_FOUND;
      case 408, 504 -> TIMEOUT;
      case 413 -> CONTEXT_TOO_LONG;
      case 429 -> RATE_LIMITED;
      case 503, 529 -> OVERLOADED;
      default -> status >= 500 ? SERVER_ERROR : BAD_REQUEST;
    };
  }

  private static ErrorKind ofRequest(Throwable error) {
    if (tells(error, TOO_LONG)) {
      return CONTEXT_TOO_LONG;
    }
    return tells(error, FILTERED) ? CONTENT_FILTERED : BAD_REQUEST;
  }

  /** Whether one of these is in its message, or in that of a cause. */
  private static boolean tells(Throwable error, List<String> words) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (words.stream().anyMatch(message::contains)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
