package dev.agentops.examples.llm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An answer of the API that is an error, with the fields of OpenAI's error body. */
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final @Nullable String code;
  private final @Nullable String param;

  private ApiError(
      int status, String type, @Nullable String code, @Nullable String param, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }

  static ApiError invalid(@Nullable String param, String message) {
    return invalid(param, null, message);
  }

  static ApiError invalid(@Nullable String param, @Nullable String code, String message) {
    return new ApiError(400, "invalid_request_error", code, param, message);
  }

  static ApiError missing(String param) {
    return invalid(
        param, "missing_required_parameter", "Missing required parameter: '" + param + "'.");
  }

  static ApiError unknownModel(String model) {
    return new ApiError(
        404,
        "invalid_request_error",
        "model_not_found",
        null,
        "The model `" + model + "` does not exist or you do not have access to it.");
  }

  static ApiError unauthorized(@Nullable String key) {
    String message =
        key == null
            ? "You didn't provide an API key. You need to provide your API key in an Authorization"
                + " header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
            : "Incorrect API key provided: " + masked(key) + ".";
    return new ApiError(
        401, "invalid_request_error", key == null ? null : "invalid_api_key", null, message);
  }

  static ApiError unknownUrl(int status, String method, String path) {
    return status == 405
        ? new ApiError(
            405,
            "invalid_request_error",
            "method_not_supported",
            null,
            "Not allowed to " + method + " on " + path + ".")
        : new ApiError(
            status,
            "invalid_request_error",
            status == 404 ? "unknown_url" : null,
            null,
            status == 404
                ? "Unknown request URL: " + method + " " + path + "."
                : "The request was refused with status " + status + ".");
  }

  static ApiError injected(int status) {
    String message = "Injected by " + Fault.STATUS.header() + ": " + status;
    return switch (status) {
      case 401 -> new ApiError(401, "invalid_request_error", "invalid_api_key", null, message);
      case 404 -> new ApiError(404, "invalid_request_error", "model_not_found", null, message);
      case 429 -> new ApiError(429, "requests", "rate_limit_exceeded", null, message);
      default ->
          status < 500
              ? new ApiError(status, "invalid_request_error", null, null, message)
              : new ApiError(status, "server_error", null, null, message);
    };
  }

  static ApiError internal() {
    return new ApiError(
        500, "server_error", null, null, "The server had an error processing your request.");
  }

  int status() {
    return status;
  }

  Wire.ErrorBody body() {
    return new Wire.ErrorBody(
        new Wire.ErrorDetail(String.valueOf(getMessage()), type, param, code));
  }

  /** Shows only the ends of a key, because errors are logged. */
  private static String masked(String key) {
    return key.length() < 12
        ? "*".repeat(key.length())
        : String.format(
            Locale.ROOT, "%s****%s", key.substring(0, 3), key.substring(key.length() - 4));
  }
}
