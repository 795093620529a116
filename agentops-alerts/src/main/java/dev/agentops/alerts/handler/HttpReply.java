package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.alerts.DeliveryException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * What a channel answered, and the exceptions that tell of it: without secrets, and with the time
 * for which the channel asked to be left alone.
 */
final class HttpReply {

  private final String host;
  private final HttpResponse<byte[]> response;
  private final Redactor redactor;
  private final String body;
  private final JsonNode json;

  HttpReply(String host, HttpResponse<byte[]> response, Redactor redactor) {
    this.host = host;
    this.response = response;
    this.redactor = redactor;
    this.body = new String(response.body(), StandardCharsets.UTF_8);
    this.json = HttpChannel.parse(body);
  }

  int status() {
    return response.statusCode();
  }

  /** The answer as text: whole, or its first {@value HttpChannel#MAX_ANSWER_BYTES} bytes. */
  String body() {
    return body;
  }

  /** The answer as JSON; the missing node if it is none. */
  JsonNode json() {
    return json;
  }

  boolean succeeded() {
    return status() / 100 == 2;
  }

  /**
   * This answer, if its status tells of success.
   *
   * @throws DeliveryException otherwise: to try again if that status can pass
   */
  HttpReply requireSuccess() {
    if (succeeded()) {
      return this;
    }
    throw mayPass(status()) ? retry(body) : permanent(body);
  }

  /** Whether a status tells of something that can be over soon. */
  static boolean mayPass(int status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
  }

  /** It may work later; not before the time that the channel told, if it told one. */
  DeliveryException retry(String why) {
    String message = message(why);
    return retryAfter()
        .map(after -> DeliveryException.retryAfter(after, message))
        .orElseGet(() -> DeliveryException.retry(message, null));
  }

  /** It may work later; not before the time that the channel told or, if it told none, this. */
  DeliveryException retry(String why, Duration unlessTold) {
    return DeliveryException.retryAfter(retryAfter().orElse(unlessTold), message(why));
  }

  DeliveryException permanent(String why) {
    return DeliveryException.permanent(message(why), null);
  }

  DeliveryException rejected(String why) {
    return DeliveryException.rejected(message(why));
  }

  private String message(String why) {
    return redactor.line(host + " answered " + status() + ": " + why);
  }

  private Optional<Duration> retryAfter() {
    return RetryAfter.of(response.headers(), json);
  }
}
