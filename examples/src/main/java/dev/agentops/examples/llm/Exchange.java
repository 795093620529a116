package dev.agentops.examples.llm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request and its answer, sent whole or as a stream, with the faults asked of it. */
final class Exchange {
  static final String JSON = "application/json";

  private static final Logger log = LoggerFactory.getLogger(Exchange.class);
  private static final Duration LONGEST_STALL = Duration.ofMinutes(5);
  private static final Duration WATCH_STEP = Duration.ofMillis(20);

  private final Context context;
  private final FaultKnobs knobs;
  private final Activity activity;
  private final Set<String> models;
  private final ClientConnection client;

  Exchange(Context context, FaultKnobs knobs, Activity activity, Set<String> models) {
    this.context = context;
    this.knobs = knobs;
    this.activity = activity;
    this.models = models;
    this.client = ClientConnection.of(context.req());
  }

  /** Delays, then throws the injected error, if one is asked for. */
  void failIfAsked() {
    if (knobs.delayMillis() > 0) {
      context.bodyAsBytes(); // The watch for the client's leaving would read it away.
      silence(Duration.ofMillis(knobs.delayMillis()));
    }
    if (knobs.status() >= 0) {
      if (knobs.retryAfterSeconds() >= 0) {
        context.header("Retry-After", Integer.toString(knobs.retryAfterSeconds()));
      }
      throw ApiError.injected(knobs.status());
    }
  }

  <T> T body(Class<T> type) {
    return Json.read(context.bodyAsBytes(), type);
  }

  /** Returns the model asked for; a 404 if the list of models is fixed and lacks it. */
  String knownModel(@Nullable String model) {
    if (model == null || model.isBlank()) {
      throw ApiError.invalid("model", "you must provide a model parameter");
    }
    if (!models.isEmpty() && !models.contains(model)) {
      throw ApiError.unknownModel(model);
    }
    return model;
  }

  void send(Object body) {
    if (knobs.stallAfter() >= 0) {
      silence(LONGEST_STALL);
    }
    if (knobs.stallAfter() >= 0 || knobs.cutAfter() >= 0) {
      client.cut();
      return;
    }
    context.contentType(JSON).result(Json.write(body));
  }

  /** Sends server-sent events, pausing before each; ends early when the client goes away. */
  void stream(List<String> events, Duration pause) {
    activity.streamOpened();
    boolean aborted = false;
    try {
      context.res().setContentType("text/event-stream;charset=utf-8");
      context.res().setHeader("Cache-Control", "no-cache");
      aborted = !write(events, pause, context.res().getOutputStream());
    } catch (IOException e) {
      log.debug("Client went away during a stream: {}", e.toString());
      aborted = true;
    } finally {
      if (aborted) {
        client.cut();
      }
      activity.streamEnded(aborted);
    }
  }

  /** Returns false if the client went away. */
  private boolean write(List<String> events, Duration pause, OutputStream out) throws IOException {
    out.flush();
    for (int sent = 0; sent < events.size(); sent++) {
      if (knobs.stallsAt(sent) && !silence(LONGEST_STALL)) {
        return false;
      }
      if (knobs.stallsAt(sent) || knobs.cutsAt(sent) || !activity.pause(pause)) {
        client.cut();
        return true;
      }
      if (client.isGone()) {
        return false;
      }
      out.write(("data: " + events.get(sent) + "\n\n").getBytes(UTF_8));
      out.flush();
    }
    return true;
  }

  /** Waits that long, or until the server closes; returns false if the client goes away first. */
  private boolean silence(Duration duration) {
    Duration left = duration;
    while (left.compareTo(Duration.ZERO) > 0) {
      if (client.isGone()) {
        return false;
      }
      Duration step = left.compareTo(WATCH_STEP) < 0 ? left : WATCH_STEP;
      if (!activity.pause(step)) {
        return true;
      }
      left = left.minus(step);
    }
    return true;
  }
}
