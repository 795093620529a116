package dev.agentops.examples.server;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A refusal or a failure as the client sees it: an HTTP status and a body in FastAPI's shape. Its
 * texts are written for clients and name no internals.
 */
final class ApiError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient List<Detail> details;
  private final @Nullable Duration retryAfter;

  private ApiError(int status, List<Detail> details, @Nullable Duration retryAfter) {
    super(status + " " + details, null, false, false);
    this.status = status;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  /** A body that is JSON but not what the route takes. */
  static ApiError invalid(List<Detail> details) {
    return new ApiError(422, details, null);
  }

  static ApiError of(int status, String type, String message, String... where) {
    return new ApiError(status, List.of(new Detail(List.of(where), message, type)), null);
  }

  /** This error, telling when to come back. */
  ApiError retryAfter(@Nullable Duration wait) {
    return new ApiError(status, details, wait);
  }

  int status() {
    return status;
  }

  Body body() {
    return new Body(details);
  }

  void send(Context context) {
    if (retryAfter != null) {
      context.header("Retry-After", Long.toString(wholeSeconds(retryAfter)));
    }
    context.status(status).contentType(Json.CONTENT_TYPE).result(Json.write(body()));
  }

  /** Rounded up, because who comes back too early is refused again. */
  private static long wholeSeconds(Duration wait) {
    return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
  }

  /** The body of every answer that is not a success. */
  record Body(List<Detail> detail) {}

  /**
   * One thing that is wrong.
   *
   * @param loc where, such as {@code ["body", "message"]}
   * @param msg what, for people
   * @param type what, for programs
   */
  record Detail(List<String> loc, String msg, String type) {}
}
