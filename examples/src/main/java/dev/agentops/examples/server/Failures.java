package dev.agentops.examples.server;

import dev.agentops.CallRejectedException;
import dev.agentops.StreamTimeoutException;
import dev.agentops.cost.BudgetExceededException;
import dev.agentops.ratelimit.ConcurrencyLimitExceededException;
import dev.agentops.ratelimit.RateLimitExceededException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what went wrong in words for clients. What a provider or an exception says stays in the log:
 * it may name keys and internals.
 */
final class Failures {

  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** The error to answer with; logs what is not the client's doing. */
  static ApiError toApiError(Throwable failure) {
    ApiError error = classify(failure);
    if (error.status() == 500) {
      log.error("A request failed", failure);
    } else if (error.status() > 500) {
      log.warn("Answered with {}: {}", error.status(), failure.toString());
    }
    return error;
  }

  private static ApiError classify(Throwable failure) {
    boolean ofEndpoint = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApiError error) {
        return error;
      }
      if (cause instanceof CallRejectedException rejection) {
        return rejected(rejection);
      }
      if (cause instanceof TimeoutException
          || cause instanceof StreamTimeoutException
          || cause instanceof HttpTimeoutException) {
        return ApiError.of(504, "model_timeout", "The model endpoint took too long");
      }
      ofEndpoint |= cause instanceof LangChain4jException || cause instanceof IOException;
    }
    return ofEndpoint
        ? ApiError.of(502, "model_error", "The model endpoint failed")
        : ApiError.of(500, "internal_error", "Something went wrong; see the server's log");
  }

  private static ApiError rejected(CallRejectedException rejection) {
    Duration wait = rejection.retryAfter();
    if (rejection instanceof RateLimitExceededException) {
      return ApiError.of(429, "rate_limit_exceeded", "Too many model calls of this user")
          .retryAfter(wait);
    }
    if (rejection instanceof BudgetExceededException budget) {
      return ApiError.of(
              429,
              "budget_exceeded",
              "The budget '"
                  + budget.budget()
                  + "' is used up"
                  + (budget.resetsAt() == null ? "" : " until " + budget.resetsAt()))
          .retryAfter(wait);
    }
    if (rejection instanceof ConcurrencyLimitExceededException) {
      return ApiError.of(503, "overloaded", "Too many model calls run at once")
          .retryAfter(Duration.ofSeconds(1));
    }
    return ApiError.of(429, "rejected", "The call was refused").retryAfter(wait);
  }
}
